-- say.lua: lab.say("An epoch takes %s, %d times as fast.", text, n): prose with measured values.
--
-- The text is Markdown, as in the comments; values go in as by string.format. On the page it
-- stands below the statement that says it. Sentences that numbers decide are so never wrong.

local attempt = require "lab.attempt".call
local manual = require "lab.manual"
local options = require "lab.options"
local output = require "lab.output"

manual.word("lab.say", {
  summary = "a sentence with measured values in it",
  text = "On the page it stands below the statement that says it.",
  arguments = { { "text", "text", "Markdown with places for values, as string.format takes them: %d, %.3f, %s." }, { "...", "any values", "What goes into the places.", optional = true } },
  raises = "A value that does not fit its place.",
  example = 'lab.say("The net has %d links, %.1f %% of all.", net:links(), 2.5)',
})

return function(text, ...)
  if type(text) ~= "string" then options.fail(("lab.say takes text, not %s"):format(type(text))) end
  local ok, said = attempt(string.format, text, ...)
  if not ok then options.fail("lab.say: " .. said:gsub("^.-bad argument", "bad argument")) end
  output.emit { kind = "prose", text = said }
end
