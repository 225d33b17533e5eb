-- The words for degrees and the monitor, as scripts see them.
local t = dofile "tests/harness.lua"
local lab = require "lab"
local degrees = require "lab.degree.degrees"
local monitor = require "lab.c.monitor"

-- Values of a power law with exponent 2.5, by rank.
local function law(n)
  local values = {}
  for i = 1, n do values[i] = math.floor(0.5 + 1.5 * (i / n) ^ (-1 / 1.5)) end
  return values
end

t.test("a fit is a table of facts", function()
  local values = law(2000)
  values[#values + 1] = 0
  local fit = lab.power_law(values, { bootstrap = 50 })
  t.equal({ fit.n, fit.zeros, fit.bootstrap }, { 2001, 1, 50 })
  t.near(fit.alpha, 2.5, 0.15)
  t.truthy(fit.p >= 0 and fit.p <= 1)
  t.equal(fit, lab.power_law(values, { bootstrap = 50, seed = 1 }))
  t.truthy(fit.verdict:find "power law")
end)

t.test("without a bootstrap there is no p", function()
  local fit = lab.power_law(law(500), { bootstrap = 0 })
  t.equal(fit.p, nil)
end)

t.test("constant data have no exponent", function()
  local fit = lab.power_law { 4, 4, 4.0, 4 }
  t.equal({ fit.kind, fit.alpha, fit.xmin, fit.n_tail }, { "no fit", nil, nil, 0 })
end)

t.test("a random wiring has no tail", function()
  local values, state = {}, 1
  for i = 1, 784 do
    local links = 0
    for _ = 1, 40 do
      state = (state * 6364136223846793005 + 1442695040888963407)
      if state >> 62 == 0 then links = links + 1 end
    end
    values[i] = links
  end
  local fit = lab.power_law(values, { bootstrap = 20 })
  t.equal(fit.kind, "short tail")
  t.truthy(fit.verdict:find "tail too short")
  t.equal(lab.power_law(lab.vector { 3, 4, 5, 6, 8 }, { bootstrap = 0 }), lab.power_law({ 3, 4, 5, 6, 8 }, { bootstrap = 0 }))
  t.raises("lab.power_law: expected an array or a lab.vector of whole numbers, not string", function() lab.power_law "x" end)
end)

t.test("errors name the script's line", function()
  t.raises("test_measures.lua:%d+: lab.power_law: unknown option 'bootstraps'.*'bootstrap'", function() lab.power_law({ 1 }, { bootstraps = 1 }) end)
  local text = t.raises("test_measures.lua:%d+: lab.power_law: value 2 is '2.5'", function() lab.power_law { 1, 2.5 } end)
  t.truthy(text:find "expected a whole number")
  t.raises("value 1 is %-1: expected a whole number from 0", function() lab.power_law { -1 } end)
  t.raises("value 1 is '7'", function() lab.power_law { "7" } end)
  t.raises("expected an array", function() lab.power_law(7) end)
  t.raises("'bootstrap' is %-1", function() lab.power_law({ 1 }, { bootstrap = -1 }) end)
end)

t.test("counts and the cumulative distribution", function()
  local values = { 3, 1, 3, 0 }
  t.equal(degrees.counts(values), { value = { 0, 1, 3 }, count = { 1, 1, 2 }, at_least = { 4, 3, 2 } })
  t.equal(degrees.ccdf(values), { x = { 0, 1, 3 }, p = { 1, 0.75, 0.5 } })
  t.equal(degrees.ccdf {}, { x = {}, p = {} })
end)

t.test("the fitted tail meets the data at xmin", function()
  local values = law(3000)
  local fit = lab.power_law(values, { bootstrap = 0 })
  local curve, data = degrees.model(fit), degrees.ccdf(values)
  t.equal({ curve.x[1], curve.x[#curve.x] }, { fit.xmin, fit.max })
  for i, x in ipairs(data.x) do
    if x == fit.xmin then t.near(curve.p[1], data.p[i], 1e-12) end
  end
  for i = 2, #curve.x do t.truthy(curve.x[i] > curve.x[i - 1] and curve.p[i] < curve.p[i - 1]) end
  t.equal(degrees.model(lab.power_law { 1, 1 }), nil)
end)

t.test("alternatives are compared when asked for, and the verdict knows of them", function()
  local values = law(2000)
  local plain = lab.power_law(values, { bootstrap = 50 })
  t.equal(plain.alternatives, nil)
  local fit = lab.power_law(values, { bootstrap = 50, alternatives = true })
  local a = fit.alternatives
  t.equal({ fit.alpha, fit.p }, { plain.alpha, plain.p })
  for _, name in ipairs { "exponential", "poisson", "lognormal" } do
    t.truthy(a[name].R and a[name].normalised and a[name].p >= 0 and a[name].p <= 1)
  end
  t.truthy(a.exponential.R > 0 and a.exponential.lambda > 0 and a.poisson.mu > 0)
  t.equal(a.cutoff.normalised, nil)
  t.truthy(a.cutoff.R <= 0 and a.cutoff.lambda >= 0)
  t.near(a.cutoff.R, fit.L - a.cutoff.L, 0.01)
  t.equal(lab.power_law({ 4, 4 }, { alternatives = true }).alternatives, nil)
  t.raises("option 'alternatives' must be boolean", function() lab.power_law(values, { alternatives = 1 }) end)
end)

t.test("an exponential sample is told from a power law", function()
  local values = {}
  for i = 1, 3000 do values[i] = 1 + math.floor(-40 * math.log((i - 0.5) / 3000)) end
  local fit = lab.power_law(values, { bootstrap = 0, alternatives = true })
  t.truthy(fit.alternatives.exponential.R < 0)
  t.truthy(fit.kind == "short tail" or fit.kind == "another fits better")
end)

t.test("the search for xmin is a curve with the fit at its lowest point", function()
  local values = law(800)
  local scan, fit, best = degrees.scan(values), lab.power_law(values, { bootstrap = 0 }), 1
  for i, d in ipairs(scan.D) do if d < scan.D[best] then best = i end end
  t.equal({ scan.xmin[best], scan.n_tail[best] }, { fit.xmin, fit.n_tail })
  t.near(scan.D[best], fit.D, 1e-4)
  t.equal(degrees.scan { 3, 3 }, { xmin = {}, n_tail = {}, alpha = {}, D = {} })
  t.raises("lab.degrees.scan: value 1 is %-1", degrees.scan, { -1 })
end)

t.test("a file of degrees", function()
  local path = t.write(t.tmpdir() .. "/d.txt", "# out\n3\n\n 4 \r\n5")
  t.equal(degrees.read(path), { 3, 4, 5 })
  local values, why = degrees.read(t.write(path, "3\nx\n"))
  t.equal(values, nil)
  t.truthy(why:find(path .. ":2: ", 1, true))
end)

t.test("many lines across many blocks", function()
  local lines = {}
  for i = 1, 50000 do lines[i] = tostring(i % 997) end
  local values = degrees.read(t.write(t.tmpdir() .. "/d.txt", table.concat(lines, "\n")))
  t.equal(#values, 50000)
  t.equal({ values[1], values[20000], values[50000] }, { 1, 20000 % 997, 50000 % 997 })
end)

t.test("the monitor writes rows and sums up", function()
  local path = t.tmpdir() .. "/monitor.csv"
  local m = assert(monitor.start(path, 0.02))
  local until_then = os.clock() + 0.1
  while os.clock() < until_then do end
  local s = m:stop()
  local rows = -1
  for _ in io.lines(path) do rows = rows + 1 end
  t.equal(rows, s.samples)
  t.truthy(s.samples >= 2 and s.cpu_percent > 0 and s.peak_rss_mib >= s.peak_uss_mib)
  t.equal(s.why, nil)
  t.raises("has stopped", m.stop, m)
end)

t.test("a forgotten or closed monitor is stopped", function()
  local path = t.tmpdir() .. "/monitor.csv"
  do local m <close> = assert(monitor.start(path)) end
  t.truthy(t.read(path):find "\n.+\n.+\n$")
  assert(monitor.start(path))
  collectgarbage()
  t.truthy(t.read(path):find "\n.+\n.+\n$")
end)

t.test("a monitor that cannot write says why", function()
  local m, why = monitor.start("/dev/full")
  t.equal(m, nil)
  t.truthy(why:find "No space left")
  t.raises("not in %[0.001, 3600%] seconds", monitor.start, "x", 0)
end)

t.done()
