-- lua/README.md is the manual of what the program has: every word, method and option, and nothing else.

local t = dofile "tests/harness.lua"
local manual = require "lab.util.manual"
local manual_markdown = require "lab.cli.manual_markdown"
local net = require "lab.c.net"

local text, missing = manual_markdown.text()

t.test("no word is without a chapter", function() t.equal(missing, {}) end)

t.test("lua/README.md holds it, as `make manual` writes it", function()
  if net.fastest() == "portable" then t.skip "this machine's kernels are other ones than the README's" end
  local file = assert(io.open "lua/README.md")
  local kept = file:read "a":match "\n<!%-%- the manual %-%->\n(.*)$"
  file:close()
  t.truthy(kept, "lua/README.md has no line <!-- the manual -->")
  if kept ~= text then
    local line, i = 1, 1
    while kept:byte(i) == text:byte(i) do
      if kept:byte(i) == 10 then line = line + 1 end
      i = i + 1
    end
    t.truthy(false, ("line %d of the manual differs: `make manual` writes it anew"):format(line))
  end
end)

t.test("every name, option and default stands in it", function()
  local function has(what) t.truthy(text:find(what, 1, true), what) end
  for name, entry in pairs(manual.entries) do
    has("\n### " .. name:gsub("_", "\\_") .. "\n")
    for _, call in pairs(entry.methods or {}) do has("\n#### " .. call.name:gsub("_", "\\_") .. "\n") end
    for option in pairs(entry.options or {}) do
      if option ~= "positional" then has("`" .. option .. "`") end
    end
  end
  has "- `every` (whole number (epochs); at least 1; default: 5): How many epochs lie between two evolutions."   -- MEST's
end)

t.test("options that a chapter's words share stand once", function()
  local _, n = text:gsub("%- `terminal` %(", "")
  t.equal(n, 1)
end)

t.done()
