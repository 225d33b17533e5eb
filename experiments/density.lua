-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # How sparse, and how much of it should move?
--
-- [The page on all methods](methods.html) has one density and rewires 30 % of the links. Here both vary: the density for five
-- methods, from 50 % to 0.5 % at full length, and the share rewired after an epoch for two of them.

local lab = require "lab"
local study = require "shared.study"
local compared = require "shared.compared"
local format = lab.format

--| echo: fold
local P = lab.params {
  densities = { { 0.2, 0.05, 0.01 }, above = 0, max = 1, help = "densities to try: shares of the cells of the hidden layers that are links" },
  shares = { { 0.1, 0.3, 0.5 }, min = 0, max = 1, help = "shares of links rewired after an epoch" },
  density = { 0.01, above = 0, max = 1, help = "density at which the shares are tried" },
  seeds = { 1, min = 1, help = "runs of each" },
  epochs = { 5, min = 1 },
  train = study.train(10000, 60000),
  test = study.test(10000, 10000),
  hidden = study.hidden(400),
  batch = study.batch(32),
  lr = study.lr(0.025),
  momentum = study.momentum(0.9),
  weight_decay = { 5e-4, min = 0, help = "L2 weight decay" },
  profiles = {
    quick = { epochs = 3, train = 5000, hidden = 200 },
    full = { densities = { 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005 }, shares = { 0.1, 0.2, 0.3, 0.4, 0.5 }, seeds = 3, epochs = 100, train = 60000, hidden = 1568 },
    smoke = { epochs = 2, train = 300, test = 100, hidden = 40, densities = { 0.3, 0.1 }, shares = { 0.1, 0.5 }, density = 0.1 },
  },
}

-- ## The protocol
--
-- The protocol is that of the page on all methods, on Fashion-MNIST.

local data = lab.data.fashion_mnist { train = P.train, test = P.test, standardise = "pixels" }

local falling = lab.schedule.linear { value = P.lr, to = 0.01 * P.lr, stop = 0.9 }

-- A method is a function of density and share, so it can be run at any values of the two.

local methods = {
  { name = "static", wiring = lab.uniform },
  { name = "SET", wiring = lab.uniform, evolve = function(share) return lab.set { zeta = share } end },
  { name = "RigL", wiring = lab.uniform, evolve = function() return lab.rigl {} end },
  { name = "GSE", wiring = lab.uniform, evolve = function() return lab.gse {} end },
  { name = "CHTs 2", wiring = lab.receptive_field, evolve = function(share) return lab.chts { zeta = share } end },
}

local function arm_of(method, density, share)
  return { name = method.name, evolve = method.evolve and method.evolve(share), wiring = method.wiring { density = density, dense_output = true } }
end

local function train(run, arm, seed)
  local net <close> = lab.mlp { 784, P.hidden, P.hidden, P.hidden, 10, wiring = arm.wiring, seed = seed }
  local seconds = 0
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = P.batch, lr = falling, momentum = P.momentum, weight_decay = P.weight_decay,
      decay = "coupled", evolve = arm.evolve }) do
    seconds = seconds + epoch.seconds + epoch.evolve_seconds
    run:log { epoch = epoch.n, accuracy = net:accuracy(data.test), seconds = seconds, links = net:links(), active = lab.topology.active(net) }
  end
end

--| echo: fold
local function tried(label, list, density, share)  -- runs of these methods at a density and a share
  local arms = {}
  for i, method in ipairs(list) do arms[i] = arm_of(method, density, share) end
  return lab.runs { label, arm = arms, seed = study.seeds(P.seeds), run = train }
end

-- ## How sparse?

local by_density = {}
for i, density in ipairs(P.densities) do by_density[i] = tried(("density %g"):format(density), methods, density, 0.3) end

--| echo: fold
local function along(list, values, of)  -- a series for each method: the mean of a number against the values
  local series = {}
  for _, method in ipairs(methods) do
    local s = { name = method.name, x = {}, y = {}, low = {}, high = {}, marks = "both", spread = "whiskers" }
    for i, x in ipairs(values) do
      local found = compared.summary(list[i], method.name, of)
      if found then
        local n = #s.x + 1
        s.x[n], s.y[n], s.low[n], s.high[n] = x, found.mean, found.mean - (found.sd or 0), found.mean + (found.sd or 0)
      end
    end
    if #s.x > 0 then series[#series + 1] = s end
  end
  return series
end

--| label: fig-density
--| index: true
--| index-order: 4
--| fig-cap: Test error after the last epoch, in per cent, against the density of the hidden layers; both axes are logarithmic. Whiskers are one standard deviation over seeds.
lab.plot.xy { series = along(by_density, P.densities, function(run) local v = run:last "accuracy" return v and 100 * (1 - v) end), logx = true, logy = true, xlabel = "density", ylabel = "test error (%)" }

--| label: fig-seconds
--| fig-cap: Seconds of computing for the whole training against the density of the hidden layers; both axes are logarithmic.
lab.plot.xy { series = along(by_density, P.densities, compared.last "seconds"), logx = true, logy = true, xlabel = "density", ylabel = "seconds" }

--| label: tbl-density
--| tbl-cap: Test accuracy in per cent after the last epoch, by method and density: mean and standard deviation over seeds.
--| echo: fold
do
  local header, rows = { "" }, {}
  for i, density in ipairs(P.densities) do header[i + 1] = ("%g %%"):format(100 * density) end
  for m, method in ipairs(methods) do
    rows[m] = { method.name }
    for i in ipairs(P.densities) do rows[m][i + 1] = compared.mean_sd(compared.summary(by_density[i], method.name, compared.percent "accuracy"), "%.2f") end
  end
  lab.table { header = header, rows = rows, align = "l" .. ("r"):rep(#P.densities) }
end

-- ## How much should move?
--
-- @zhang2025, in Table 15, try shares of .1 to .5 for CHTs on CIFAR-10, at 99 % sparsity, and get 63.45, 67.30,
-- 68.08, 67.83 and 67.24 %. Here the question is the same on images of clothes, and for SET as well.

local movers = { methods[2], methods[5] }
local by_share = {}
for i, share in ipairs(P.shares) do by_share[i] = tried(("share %g"):format(share), movers, P.density, share) end

--| label: fig-share
--| fig-cap: Test accuracy of SET and CHTs, in per cent, against the share of links rewired after an epoch.
lab.plot.xy { series = along(by_share, P.shares, compared.percent "accuracy"), xlabel = "share rewired", ylabel = "test accuracy (%)" }

--| label: tbl-share
--| tbl-cap: Test accuracy and active units at the end, both in per cent, by the share of links rewired after an epoch.
--| echo: fold
do
  local rows = {}
  for i, share in ipairs(P.shares) do
    rows[i] = { ("%g"):format(share) }
    for _, method in ipairs(movers) do
      local list = by_share[i]
      table.insert(rows[i], compared.mean_sd(compared.summary(list, method.name, compared.percent "accuracy"), "%.2f"))
      table.insert(rows[i], compared.mean_sd(compared.summary(list, method.name, compared.percent "active"), "%.0f"))
    end
  end
  lab.table { header = { "share", "SET", "active", "CHTs 2", "active" }, rows = rows, align = "lrrrr" }
end
