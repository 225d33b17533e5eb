-- The manual of lab's words, read from their sources.

local t = dofile "tests/harness.lua"
local word_help = require "lab.word_help"

t.test("every word has a manual", function()
  for _, name in ipairs(word_help.names()) do
    local text = word_help.text(name)
    t.truthy(text and #text > 60, name)
    t.truthy(text:sub(1, #name + 1) == name .. "\n", name)
  end
  t.truthy(word_help.text "lab":find("lab.erdos_renyi", 1, true))
end)

t.test("options stand there with their defaults, methods with their comments", function()
  local mlp = word_help.text "lab.mlp"
  t.truthy(mlp:find('init = { kind = "string", default = "he_uniform"', 1, true))
  t.truthy(mlp:find("net:epochs (view, given)\n    for epoch in net:epochs", 1, true))
  t.truthy(mlp:find("net:epochs, options\n  local spec = {\n    epochs = {", 1, true))
  t.truthy(mlp:find("net:input_strength (layer)\n    Strength of each", 1, true) and mlp:find("net:save (path)\n    Writes", 1, true))
  t.truthy(not mlp:find("local function", 1, true), "inner functions are none of the script's business")
  t.truthy(word_help.text "lab.plot.curves":find("cumulative = { kind", 1, true))
end)

t.test("what is no word has none", function()
  t.equal(word_help.text "lab.tabel", nil)
  t.equal(word_help.text "lab.plot.pie", nil)
  t.equal(word_help.text "run", nil)
end)

t.done()
