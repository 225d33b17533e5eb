local t = dofile "tests/harness.lua"
local options = require "lab.util.options"

local spec = {
  epsilon = { kind = "number", default = 20, above = 0 },
  hidden = { kind = "string", choices = { "relu", "tanh" }, default = "relu" },
  lr = { kind = "number|function" },
  epochs = { kind = "integer", min = 1, max = 10 },
  net = { required = true },
}
local function check(given) return options.check("lab.word", spec, given) end

t.test("defaults are filled in, the given table is left alone", function()
  local given = { net = 1 }
  t.equal(check(given), { epsilon = 20, hidden = "relu", net = 1 })
  t.equal(given, { net = 1 })
end)

t.test("a misspelt option names the nearest", function()
  t.raises("lab.word: unknown option 'epsilom' %(did you mean 'epsilon'%?%)", check, { net = 1, epsilom = 3 })
  t.raises("lab.word: unknown option 'zzzzzz'; known: epochs, epsilon, hidden, lr, net", check, { net = 1, zzzzzz = 3 })
end)

t.test("a short name is near only to what it nearly is", function()
  t.equal(options.nearest("arg", { "_G", "io", "os" }), nil)
  t.equal(options.nearest("rl", { "lr", "mu" }), "lr")
  t.equal(options.nearest("rnu", { "doctor", "run" }), "run")
end)

t.test("kinds, choices, ranges", function()
  t.equal(check({ net = 1, epochs = 4.0 }).epochs, 4)
  t.equal(math.type(check({ net = 1, epochs = 4.0 }).epochs), "integer")
  t.raises("option 'epochs' must be integer, not 2.5", check, { net = 1, epochs = 2.5 })
  t.raises("option 'lr' must be number or function, not string", check, { net = 1, lr = "x" })
  t.raises("option 'hidden' has no choice 'rely' %(did you mean 'relu'%?%)", check, { net = 1, hidden = "rely" })
  t.raises("option 'epochs' is 0, must be at least 1", check, { net = 1, epochs = 0 })
  t.raises("option 'epochs' is 11, must be at most 10", check, { net = 1, epochs = 11 })
  t.raises("option 'epsilon' is 0, must be above 0", check, { net = 1, epsilon = 0 })
end)

t.test("NaN and infinity are refused", function()
  t.raises("option 'epsilon' is not a number %(NaN%)", check, { net = 1, epsilon = 0 / 0 })
  t.raises("option 'epsilon' must be finite", check, { net = 1, epsilon = math.huge })
  t.raises("option 'lr' must be finite", check, { net = 1, lr = -math.huge })
end)

t.test("missing, nameless, and no table at all", function()
  t.raises("option 'net' is missing", check, {})
  t.raises("option 'net' is missing", check)
  t.raises("unexpected value without a name at %[1%]", check, { 5, net = 1 })
  t.raises("lab.word takes one table of options, not number", check, 5)
end)

t.test("the error is at the line of the call", function()
  local code = "local options, spec = ...\nlocal x = 1\noptions.check('lab.word', spec, { nett = 1 })"
  t.raises("^script.lua:3: lab.word: unknown option 'nett'", load(code, "@script.lua"), options, spec)
end)

t.done()
