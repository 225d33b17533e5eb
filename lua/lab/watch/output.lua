-- output.lua: what a child that weaves has printed: how far its training is, and its other lines.

local M = {}

local LINES <const> = 12   -- the last lines that are kept

local Output = {}
Output.__index = Output

-- Follows a file that a child writes.
function M.new(path) return setmetatable({ path = path, at = 0, part = "", lines = {} }, Output) end

local function take(self, line)
  if line:sub(1, 1) == "{" then   -- an object of --progress=json
    local event = line:match '"event": *"(%w+)"'
    if event == "progress" then self.progress = line elseif event == "finish" then self.progress = "" end
    return
  end
  if line:find "%S" then self.lines[#self.lines + 1] = line end
  if #self.lines > LINES then table.remove(self.lines, 1) end
end

-- Reads on. true if there was something new.
function Output:read()
  local file = io.open(self.path, "rb")
  if not file then return false end
  file:seek("set", self.at)
  local text = file:read "a" or ""
  file:close()
  self.at = self.at + #text
  text = self.part .. text
  for line in text:gmatch "([^\n]*)\n" do take(self, line) end
  self.part = text:match "[^\n]*$"
  return #text > #self.part
end

-- The last lines as one text, valid UTF-8.
function Output:text()
  local text = table.concat(self.lines, "\n")
  return utf8.len(text) and text or (text:gsub("[\128-\255]", "?"))
end

return M
