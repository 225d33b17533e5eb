-- vector.lua: lab.vector, floats, integers and booleans as arrays of C: a layer's links in one value.
--
--   local score = weights:abs() + 0.01 * gradients:abs()
--   local weakest = score:bottomk(1000)
--
-- All of it is C (lua/vector.h); here stand the words, and what help says of them. A vector that a run
-- function captures counts in the run's key by its content (its metatable's __key, run/canonical.lua).

local c = require "lab.c.vector"
local manual = require "lab.util.manual"

local M = { zeros = c.zeros, ones = c.ones, range = c.range, random = c.random, normal = c.normal }

-- ---- makers -------------------------------------------------------------------------------

-- What is to be known of every word that draws.
local RANDOM <const> = "Drawn from the stream of math.random. In a run of lab.runs it begins with the run's key, in which its code counts: call math.randomseed(seed) first, "
  .. "and runs of one seed draw the same numbers, whatever is edited."

manual.word("lab.vector", {
  summary = "a vector: many numbers, or truth values, as one array",
  text = "Arithmetic on whole layers of links runs at the speed of C: +, -, *, /, ^, //, % with vectors of the same length and with numbers, "
    .. "&, | and ~ of booleans. Operations return new vectors; only v[i] = x changes one. Floats are single precision, as weights are, and a number beside them is "
    .. "rounded to it. Integers have 64 bits and wrap around as Lua's do. Integers with floats give floats, and so do / and ^ of integers. Memory is freed when "
    .. "Lua collects a vector, or by `local v <close>`.",
  arguments = { { "values", "array of numbers, or of true and false", "Floats if any element is a float or the array is empty; integers if all elements are." } },
  returns = "a vector",
  raises = "An element is of another kind.",
  example = "local v = lab.vector { 0.5, -2, 3 }\nprint(v:abs():sum(), v:gt(0):count(), 2 * v + 1)",
})

local COUNT = { "n", "whole number", "How many elements." }

manual.word("lab.vector.zeros", { summary = "a vector of n floats that are 0", arguments = { COUNT }, returns = "a vector", example = "print(lab.vector.zeros(3))" })
manual.word("lab.vector.ones", { summary = "a vector of n floats that are 1", arguments = { COUNT }, returns = "a vector", example = "print(lab.vector.ones(3))" })
manual.word("lab.vector.range", {
  summary = "the integers from a to b as a vector",
  arguments = { { "a", "whole number", "The first one." }, { "b", "whole number", "The last one; below a there are none." } },
  returns = "a vector", example = "print(lab.vector.range(1, 5))",
})
manual.word("lab.vector.random", {
  summary = "a vector of n random floats, uniform from 0 to below 1",
  text = RANDOM,
  arguments = { COUNT }, returns = "a vector", example = "print(lab.vector.random(1000):mean())",
})
manual.word("lab.vector.normal", {
  summary = "a vector of n random floats of the normal distribution with mean 0 and standard deviation 1",
  text = RANDOM,
  arguments = { COUNT }, returns = "a vector", example = "print((0.1 * lab.vector.normal(1000)):sd())",
})

-- ---- methods ------------------------------------------------------------------------------

local VALUE = { "x", "number or vector", "The other side; a vector of the same length." }
local INDEX = { "index", "vector of integers", "Places, counted from 1." }
local MASK = { "mask", "vector of booleans", "As long as the vector." }
local UNIT = { "index", "vector of integers", "For each element the unit that it belongs to, from 1 to n." }
local UNITS = { "n", "whole number", "How many units there are." }
local HOW_MANY = { "k", "whole number", "How many; at most as many as the vector has." }
local NUMBERS, MASKED, PLACES = "a vector of numbers.", "a vector of booleans.", "a vector of integers."

local function each(summary, text) return { summary = summary, text = text, returns = NUMBERS } end
local function one(summary, text) return { summary = summary, text = text, returns = "a number." } end
local function test(summary) return { summary = summary, text = "With a NaN only `ne` is true.", arguments = { VALUE }, returns = MASKED } end

manual.object("vector", {
  summary = "many numbers, or truth values, as one array: what lab.vector returns",
  text = "#v is its length, v[i] an element from 1 on, nil beyond the end; v[i] = x sets one. v == w if kind, length and all elements are the same. "
    .. "Lengths that do not match, and places that do not exist, are errors that name them.",
  methods = {
    abs = each "the elements without their signs",
    sign = each("1, -1 or 0 for each element", "NaN for a NaN."),
    floor = each("the largest whole numbers that are not above the elements", "Floats remain floats: v:floor():integers() makes integers of them."),
    sqrt = each "the square roots, as floats",
    exp = each "the exponentials of the elements, as floats",
    log = each "the natural logarithms, as floats",
    minimum = { summary = "the smaller one of each two elements", text = "NaN if either is.", arguments = { VALUE }, returns = NUMBERS },
    maximum = { summary = "the larger one of each two elements", text = "NaN if either is.", arguments = { VALUE }, returns = NUMBERS },
    lt = test "which elements are less than x",
    le = test "which elements are less than x or equal to it",
    gt = test "which elements are greater than x",
    ge = test "which elements are greater than x or equal to it",
    eq = test "which elements are equal to x",
    ne = test "which elements are not equal to x",
    min = one("the smallest element", "NaN if one is among them; an error if there are no elements."),
    max = one("the largest element", "NaN if one is among them; an error if there are no elements."),
    sum = one("the sum of the elements", "Floats are added in double precision, in an order that never changes; integers wrap around; for booleans, how many are true."),
    mean = one("the mean of the elements", "Computed in double precision; for booleans, the share that is true."),
    sd = one("the sample standard deviation of the elements", "Divided by n - 1, as in lab.statistics.summary."),
    count = one "how many of the booleans are true",
    cumsum = each("running sums: element i is the sum of the first i", "Computed in double precision, then rounded; for booleans, how many were true so far."),
    sort = each("the elements in ascending order", "NaN comes last."),
    order = { summary = "the places of the elements in ascending order", text = "Equal elements keep their order, NaN comes last: v:gather(v:order()) is v:sort().", returns = PLACES },
    topk = { summary = "the places of the k largest elements, ascending", text = "Of equal elements the first ones are taken; a NaN is taken last.", arguments = { HOW_MANY }, returns = PLACES },
    bottomk = { summary = "the places of the k smallest elements, ascending", text = "Of equal elements the first ones are taken; a NaN is taken last.", arguments = { HOW_MANY }, returns = PLACES },
    where = { summary = "the places of the booleans that are true, ascending", returns = PLACES },
    pick = { summary = "the elements for which a mask is true", arguments = { MASK }, returns = "a vector." },
    gather = { summary = "the elements at the places of an index: v[index[1]], v[index[2]] and so on", arguments = { INDEX }, returns = "a vector, as long as the index." },
    scatter = {
      summary = "a copy with other elements at some places", text = "If a place occurs twice, its last value counts.",
      arguments = { INDEX, { "value", "element or vector", "One for all places, or a vector with one for each." } }, returns = "a vector, as long as v.",
    },
    scatter_add = {
      summary = "a copy with values added at some places", text = "If a place occurs twice, both values are added, rounded each time.",
      arguments = { INDEX, { "value", "number or vector", "One for all places, or a vector with one for each." } }, returns = "a vector, as long as v.",
    },
    sum_by = { summary = "the sum of the elements of each unit", text = "Floats are added in double precision, then rounded; for booleans, how many are true.", arguments = { UNIT, UNITS }, returns = "a vector of n numbers." },
    mean_by = { summary = "the mean of the elements of each unit", text = "NaN for a unit without elements.", arguments = { UNIT, UNITS }, returns = "a vector of n floats." },
    bincount = { summary = "how often each of the integers 1 to n occurs", arguments = { { "n", "whole number", "The largest integer that may occur." } }, returns = "a vector of n integers." },
    sample = {
      summary = "places drawn by weight, without replacement: v has the weights", text = "Each is drawn in proportion to the weights of those that are left. The places are in ascending order. " .. RANDOM,
      arguments = { { "count", "whole number", "How many; at most as many as there are positive weights." } }, returns = PLACES, raises = "an error if a weight is negative, infinite or NaN.",
    },
    draw = {
      summary = "places drawn by weight, with replacement: v has the weights", text = "In the order of the draws; a place may occur several times. " .. RANDOM,
      arguments = { { "count", "whole number", "How many." } }, returns = PLACES, raises = "an error if a weight is negative, infinite or NaN, or none is positive.",
    },
    slice = {
      summary = "elements i to j", arguments = { { "i", "whole number", "The first one." }, { "j", "whole number", "The last one; the vector's last by default.", optional = true } },
      returns = "a vector.",
    },
    floats = { summary = "the elements as floats, in single precision", text = "True is 1, false 0.", returns = "a vector." },
    integers = { summary = "the elements as integers", text = "True is 1, false 0.", returns = "a vector.", raises = "an error if a float is not a whole number: use v:floor() first." },
    booleans = { summary = "which elements are not 0", returns = MASKED },
    kind = { summary = "what the elements are", returns = '"floats", "integers" or "booleans".' },
    table = { summary = "the elements as a Lua table", returns = "an array." },
    copy = { summary = "a vector with the same elements", returns = "a vector." },
    close = { summary = "free the vector's memory; `local v <close>` does it automatically" },
  },
})

return setmetatable(M, { __call = function(_, values) return c.from_table(values) end })
