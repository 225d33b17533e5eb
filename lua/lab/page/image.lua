-- image.lua: the pictures that prose names, ![words](address).
--
-- A page carries its pictures inside. One of the network is a link: a page is read without it. One that is
-- not there, or is no picture, is named on the page and reported to whoever weaves it.

local base64 = require "lab.util.base64"
local html = require "lab.util.html"

local M = {}

local links = { http = true, https = true, ftp = true }

local function decoded(address, which)
  return (address:gsub("%%(%x%x)", function(hex)
    local c = string.char(tonumber(hex, 16))
    return c:find(which) and c or nil
  end))
end

-- The file names that an address may mean: as in addresses, %20 is a blank; as a file's name, it is itself.
-- (Of letters beyond ASCII every address has the %C3%B6 already, whatever was typed.) What follows a ? or #
-- may be for a server, and no part of the name.
local function names_of(address)
  local names, known = {}, {}
  local function add(name)
    if name ~= "" and not known[name] then names[#names + 1], known[name] = name, true end
  end
  for _, a in ipairs { address, address:match "^[^?#]*" } do
    add(decoded(a, "[^%z]"))
    add(decoded(a, "[\x80-\xff]"))
    add(a)
  end
  return names
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- The picture as a data URI and its file; or nil, why, and the name that was looked for.
local function load(address, directory)
  local names = names_of(address)
  local function place(name) return name:sub(1, 1) == "/" and name or directory .. name end
  for _, name in ipairs(names) do
    if exists(place(name)) then
      local uri, why = base64.data_uri(place(name))
      return uri, uri and place(name) or why, name
    end
  end
  return nil, "there is no such file", names[1] or ""
end

-- The line of the script where the n-th picture of this address is named: the line that holds the address in
-- some form, or the first of where it was looked for. `sources` is a list of { text =, line = of its first }.
local function line_of(sources, names, n)
  local function count(text)  -- how often it holds the address
    for _, name in ipairs(names) do
      local times, from = 0, text:find(name, 1, true)
      while from do times, from = times + 1, text:find(name, from + #name, true) end
      if times > 0 then return times end
    end
    return 0
  end
  for _, source in ipairs(sources) do
    local line = source.line
    for text in (source.text .. "\n"):gmatch("([^\n]*)\n") do
      n = n - count(text)
      if n <= 0 then return line end
      line = line + 1
    end
  end
  return sources[1] and sources[1].line
end

local function report(context, address, name, why)
  local missing, n = context.missing, 1
  if not missing then return end
  for _, other in ipairs(missing) do
    if other.address == address and other.sources == context.sources then n = n + 1 end
  end
  missing[#missing + 1] = { address = address, sources = context.sources, name = name, why = why, line = line_of(context.sources or {}, names_of(address), n) }
end

-- What stands on the page for an <img> tag. `context`: { directory = where the script stands, "" or "dir/";
-- pictures = list to extend with the files that are shown, or nil; missing = list to extend with { name =, why =, line = of the script or nil }, or nil; sources = where the
-- text comes from: a list of { text =, line = }, or nil }.
function M.html(tag, context)
  local source, alt = tag:match('src="([^"]*)"'), tag:match('alt="([^"]*)"') or ""
  local scheme = source:match("^(%a[%w+.-]*):")
  if source:find "^data:image/" then return tag end
  if scheme and links[scheme:lower()] then return ('<a href="%s">%s</a>'):format(source, alt ~= "" and alt or source) end
  local address = html.unescape(source)
  local uri, why, name = nil, ("an address of the kind '%s:' is not shown"):format(scheme), address
  if not scheme then uri, why, name = load(address, context.directory) end
  if uri and context.pictures then table.insert(context.pictures, why) end   -- its file
  if uri then return (tag:gsub('src="[^"]*"', function() return 'src="' .. uri .. '"' end)) end
  report(context, address, name, why)
  return ('<em class="missing">[picture not found: %s]</em>'):format(html.escape(name))
end

return M
