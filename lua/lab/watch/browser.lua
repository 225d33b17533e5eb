-- browser.lua: the page and its news, as the browsers see them.

local embed = require "lab.c.embed"
local fs = require "lab.c.fs"
local json = require "lab.util.json"
local server = require "lab.c.server"
local system = require "lab.c.system"

local M = {}

local FIRST <const>, LAST <const> = 8700, 8719   -- ports that are tried where none was named

-- What stands there before the first page is woven.
local WAITING <const> = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>setlab watch</title></head><body>'
  .. '<article style="font: 17px/1.5 serif; margin: 4em auto; max-width: 40em">The page is being woven for the first time.</article>'
  .. '<script src="/.setlab/watch.js" data-page="0"></script></body></html>\n'

local Browser = {}
Browser.__index = Browser

local function open(port)
  if port then return server.new(port) end
  for candidate = FIRST, LAST do
    local found = server.new(candidate)
    if found then return found end
  end
  return nil, ("the ports %d to %d of this machine are all taken: --port=N names another"):format(FIRST, LAST)
end

-- A server on this port, or on one of its own; it ends with close. Raises if there is none.
function M.open(port)
  local it, why = open(port)
  if not it then error(why, 0) end
  it:publish("/.setlab/watch.js", "text/javascript; charset=utf-8", embed.read "reports/watch.js")
  it:publish("/", "text/html; charset=utf-8", WAITING)
  return setmetatable({ server = it, page = 0, first = system.wall() * 1000 // 1 | 0 }, Browser)
end

function Browser:address() return ("http://127.0.0.1:%d/"):format(self.server:port()) end

-- Shows a woven page, and the files beside it. false if the page cannot be read.
function Browser:show(path)
  local html = fs.read_file(path)
  if not html then return false end
  self.page = math.max(self.page, self.first) + 1   -- never a number of an earlier watch, whose page may still be open
  local last = 1
  for at in html:gmatch "()</body>" do last = at end
  local script = ('<script src="/.setlab/watch.js" data-page="%d"></script>\n'):format(self.page)
  self.server:publish("/", "text/html; charset=utf-8", html:sub(1, last - 1) .. script .. html:sub(last))
  local folder, name = path:match "^(.*)/([^/]*)%.html$"
  self.server:folder("/" .. name .. "_files/", ("%s/%s_files"):format(folder, name))
  return true
end

-- Tells the browsers: facts as a table, and what a child has printed as a JSON object, or "".
function Browser:tell(facts, progress)
  facts.page = self.page
  local text = json.encode(facts)
  if progress ~= "" then text = text:gsub("}$", function() return ', "progress": ' .. progress .. "}" end) end
  if text == self.told then return end
  self.told = text
  self.server:news(text)
end

-- To be called every few seconds.
function Browser:tick() self.server:tick() end

function Browser:close() self.server:close() end
Browser.__close = Browser.close

return M
