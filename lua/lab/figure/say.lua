-- say.lua: lab.say("An epoch takes %s, %d times as fast.", text, n): prose with measured values.
--
-- The text is Markdown, as in the comments; values go in as by string.format, and write %% for a percent
-- sign. On the page it appears below the statement. Sentences that numbers decide are so
-- never wrong.

local attempt = require "lab.util.attempt".call
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local output = require "lab.util.output"

manual.word("lab.say", {
  summary = "a sentence with measured values in it",
  text = "On the page it appears below the statement.",
  arguments = { { "text", "text", "Markdown with places for values, as string.format takes them: %d, %.3f, %s; write %% for a percent sign." }, { "...", "any values", "What goes into the places.", optional = true } },
  raises = "A value that does not fit its place, or is missing; a % that is not a place.",
  example = 'lab.say("The net has %d links, %.1f %% of all.", net:links(), 2.5)',
})

local NOT_MEANT = "; write %% for a percent sign"

-- The places for values in a text: { "%d", "%.3f", ... }; or nil and what is no place. "% d" is none: string.format
-- would take "95 % done" for one.
local function places_of(text)
  local places, from = {}, 1
  while true do
    local at = text:find("%", from, true)
    if not at then return places end
    local place = text:match("^%%[-+#0]*%d*%.?%d*[aAcdeEfgGiopqsuxX]", at)
    if text:sub(at + 1, at + 1) == "%" then place = "%%"
    elseif place then places[#places + 1] = place
    else return nil, text:match("^%% ?%w*", at) end
    from = at + #place
  end
end

local function count(n, word) return ("%d %s%s"):format(n, word, n == 1 and "" or "s") end

-- Raises at the script's line unless each place gets a value. One too many is no fault: gsub returns two.
local function check(text, n)
  local places, odd = places_of(text)
  if not places then options.fail(("lab.say: '%s' is not a place for a value%s"):format(odd, NOT_MEANT)) end
  if #places <= n then return end
  options.fail(("lab.say: the text has %s for values (%s), and %s came%s"):format(count(#places, "place"), table.concat(places, " "),
    count(n, "value"), NOT_MEANT))
end

return function(text, ...)
  if type(text) ~= "string" then options.fail(("lab.say takes text, not %s"):format(type(text))) end
  check(text, select("#", ...))
  local ok, said = attempt(string.format, text, ...)
  if not ok then options.fail("lab.say: " .. said:gsub("^.-bad argument", "bad argument")) end
  output.emit { kind = "prose", text = said }
end
