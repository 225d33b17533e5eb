-- lab.params: what a script declares, what profiles and the command line may make of it.
local t = dofile "tests/harness.lua"
local params = require "lab.script.params"

-- Declares as a script at x.lua:2 would, with these overrides and this profile.
local function declare(given, overrides, profile)
  params.overrides, params.profile, params.allowed, require "lab.script.current".script = overrides or {}, profile, nil, nil
  local source = "local lab, given = ...\nlocal P = lab.params(given)\nreturn P"
  return assert(load(source, "@x.lua"))(require "lab", given)
end

t.test("a value is the default, the profile's, the command line's", function()
  local function three() return { epochs = 400, zeta = { 0.3, min = 0, max = 1, help = "share" }, profiles = { quick = { epochs = 20 }, smoke = { epochs = 2, zeta = 1 } } } end
  t.equal(declare(three()).epochs, 400)
  t.equal(declare(three(), {}, "quick").epochs, 20)
  t.equal(declare(three(), { epochs = "7" }, "quick").epochs, 7)
  t.equal(declare(three(), {}, "default").epochs, 400)
  t.equal(declare(three(), {}, "full").epochs, 400)
  t.equal(math.type(declare(three(), {}, "smoke").zeta), "float")
  t.raises("x.lua:2: .*no profile 'quikc' %(did you mean 'quick'%?%)", declare, three(), {}, "quikc")
end)

t.test("text from the command line becomes the declared kind, or is refused", function()
  local given = { n = 4, rate = 0.05, on = true, name = { "set", choices = { "set", "rigl" } }, hidden = { { 100, 100 }, min = 1 } }
  local P = declare(given, { n = "1e3", rate = "1", on = "false", name = "rigl", hidden = "10,20,30" })
  t.equal({ P.n, P.rate, P.on, P.name, P.hidden }, { 1000, 1.0, false, "rigl", { 10, 20, 30 } })
  t.equal({ math.type(P.n), math.type(P.rate), math.type(P.hidden[1]) }, { "integer", "float", "integer" })
  for _, case in ipairs {
    { "n", "ten", "'n' is 'ten' on the command line, must be a whole number" },
    { "n", "1.5", "a whole number; declare it as 4.0 to allow fractions" },
    { "n", "", "must be a whole number" }, { "rate", "nan", "must be a number" }, { "rate", "1e999", "must be a number" },
    { "on", "yes", "must be true or false" }, { "name", "sett", "has no choice 'sett' on the command line %(did you mean 'set'%?%)" },
    { "hidden", "", "values separated by commas" }, { "hidden", "1,,2", "values separated by commas" }, { "hidden", "10,0", "is 0 on the command line, must be at least 1" },
    { "m", "1", "no parameter 'm', which the command line sets %(did you mean 'n'%?%)" },
  } do
    t.raises("^x.lua:2: .*" .. case[3], declare, given, { [case[1]] = case[2] })
  end
end)

t.test("limits hold for defaults, profiles and overrides", function()
  t.raises("'z' is 2, must be at most 1", declare, { z = { 2, max = 1 } })
  t.raises("'z' is 2 in profile 'p', must be at most 1", declare, { z = { 1, max = 1 }, profiles = { p = { z = 2 } } })
  t.raises("'z' is %-1 on the command line, must be at least 0", declare, { z = { 1, min = 0 } }, { z = "-1" })
  t.raises("'z' is 1%.0 on the command line, must be below 1", declare, { z = { 0.5, below = 1 } }, { z = "1" })
  t.raises("'z' is 0%.0 on the command line, must be above 0", declare, { z = { 0.5, above = 0 } }, { z = "0" })
  t.raises("'z' is 'a' in profile 'p', must be a whole number", declare, { z = 1, profiles = { p = { z = "a" } } })
  t.raises("profile 'p' sets 'zz', which is not declared %(did you mean 'z'%?%)", declare, { z = 1, profiles = { p = { zz = 2 } } })
end)

t.test("a wrong declaration is refused", function()
  t.raises("x.lua:2: .*has no option 'maxx' %(did you mean 'max'%?%)", declare, { z = { 1, maxx = 2 } })
  t.raises("needs a default", declare, { z = { min = 1 } })
  t.raises("needs a default", declare, { z = print })
  t.raises("needs a default", declare, { z = { {} } })
  t.raises("more than one value", declare, { z = { 1, 2 } })
  t.raises("must be a number", declare, { z = 0 / 0 })
  t.raises("every parameter needs a name", declare, { 1 })
  t.raises("takes one table", declare, 3)
  t.raises("values separated by commas", declare, { z = { { 1, "a" } } })
end)

t.test("an unknown name is an error at the line that reads it", function()
  local P = declare { epochs = 4 }
  t.raises("^y.lua:2: there is no parameter 'epoch' %(did you mean 'epochs'%?%)", load("local P = ...\nreturn P.epoch", "@y.lua"), P)
  t.raises("^y.lua:1: parameter 'epochs' cannot be set", load("(...).epochs = 1", "@y.lua"), P)
end)

t.test("a list is given out as a copy", function()
  local P = declare { hidden = { { 1, 2 } } }
  P.hidden[1] = 99
  t.equal(P.hidden, { 1, 2 })
end)

t.test("while a run executes, only the parameters in its key may be read", function()
  local P = declare { epochs = 4, zeta = 0.3 }
  params.allowed = { epochs = true }
  t.equal(P.epochs, 4)
  t.raises("'zeta' is read here, but the run function does not name it", function() return P.zeta end)
  t.raises("'zeta' is read here", function() for _ in pairs(P) do end end)
  params.allowed = nil
  local seen = {}
  for k, v in pairs(P) do seen[#seen + 1] = k .. "=" .. v end
  t.equal(seen, { "epochs=4", "zeta=0.3" })
end)

t.test("declared() lists names, limits and help in order", function()
  declare({ zeta = { 0.3, min = 0, help = "share" }, epochs = 4 }, { epochs = "5" })
  t.equal(params.declared(), { { name = "epochs", kind = "integer", default = 4, value = 5 }, { name = "zeta", kind = "float", default = 0.3, value = 0.3, min = 0, help = "share" } })
end)

t.test("one declaration a script; overrides without any are an error", function()
  declare { a = 1 }
  require "lab.script.current".script = { path = "x.lua", text = "" }
  params.overrides = { a = "1" }
  t.raises("no parameter 'a', which the command line sets", params.check_used)
  params { a = 1 }
  params.check_used()
  t.raises("called a second time", params, { b = 1 })
  require "lab.script.current".script = { path = "z.lua", text = "" }
  params { a = 1 }
end)

t.done()
