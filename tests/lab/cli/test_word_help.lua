-- The manual of lab's words as text.

local t = dofile "tests/harness.lua"
local manual = require "lab.util.manual"
local word_help = require "lab.cli.word_help"

local function has(text, what) t.truthy(text:find(what, 1, true), ("%q lacks %q"):format(text, what)) end

t.test("every name has a page, and lab lists words and objects with what they are for", function()
  for _, name in ipairs(word_help.names()) do
    local text = word_help.text(name)
    t.truthy(text and #text > 60 and text:find "^NAME\n       ", name)
  end
  local overview = word_help.text "lab"
  has(overview, "lab.erdos_renyi         a random wiring")
  has(overview, "lab.net       a multilayer perceptron")
  t.truthy(not overview:find "lab.plot.curves", "what is in a table of words stands on its page")
  has(word_help.text "lab.plot", "lab.plot.curves      columns of runs")
end)

t.test("an option stands with kind, unit, limits, default and its sentence", function()
  local mlp = word_help.text "lab.mlp"
  has(mlp, "lab.mlp { n_inputs, n_hidden, ..., n_classes, seed =, wiring =, ... }")
  has(mlp, '       init: one of "he_links_uniform", "he_links_normal", "swi_uniform", "swi",\n         "xavier_links_uniform", "xavier_links_normal", "he_uniform", "he_normal",\n         "xavier_uniform", "xavier_normal", "normal"; default: "he_links_uniform"\n           The rule')
  has(mlp, "       dropout: number (share of the hidden units); at least 0 and below 1; default: 0\n")
  has(mlp, "       seed: whole number; required\n")
  has(word_help.text "lab.load", "       threads: whole number; from 1 to 4096; default: those of the program (--threads)\n")
  has(word_help.text "lab.data.madelon", "       seed: whole number; default: 1\n")
end)

t.test("lab.set has one page, of the function that scripts call", function()
  local text = word_help.text "lab.set"
  t.truthy(not text:find "lab%.set[.:]%a", "lab.set.extent and the like are no functions of a script")
  has(text, "RETURNS\n       a value for the option `evolve` of net:epochs")
end)

t.test("methods stand on their object's page and on one of their own", function()
  local net = word_help.text "lab.net"
  has(net, "net:epochs(split, { batch =, epochs =, lr =, ... })")
  has(net, "net:save(path)")
  for _, method in ipairs { "accuracy", "links", "weights", "links_of", "layers", "is_sparse", "units", "biases" } do has(net, "net:" .. method) end
  has(word_help.text "net:epochs", "OPTIONS\n       batch: whole number (samples)")
  has(word_help.text "net:epochs", "               every: whole number (epochs); at least 1; optional")
  t.equal(word_help.text "net.epochs", word_help.text "net:epochs")
  t.equal(word_help.text "net", net)
  has(word_help.text "lab.runs", "WHAT COMES BACK\n       runs - an array of records")
  has(word_help.text "run:log", "SYNOPSIS\n       run:log(row)")
end)

t.test("what is no word has none", function()
  for _, name in ipairs { "lab.tabel", "lab.plot.pie", "lab.set.set", "net:epoch", "mlp", "lab.", "", ":", "lab.net.core" } do t.equal(word_help.text(name), nil) end
end)

t.test("lines are no wider than a page, but for examples and lists", function()
  for name, entry in pairs(manual.entries) do
    if entry.kind ~= "group" then
      local text = word_help.text(entry.kind == "object" and "lab." .. name or name):gsub("EXAMPLE\n.-\n\n", ""):gsub("EXAMPLE\n.*$", "")
      for line in text:gmatch "[^\n]+" do t.truthy(utf8.len(line) <= 88, line) end
    end
  end
end)

t.done()
