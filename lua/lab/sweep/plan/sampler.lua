-- sampler.lua: sequences of numbers in [0, 1), from which trials are drawn.
--
-- Number j depends on (seed, j) alone, whoever asks, in whatever order.
--
-- random  each parameter's number is a hash of seed, j and the parameter's name: adding a
--         parameter, or a choice to another one, changes nothing for the rest.
-- halton  parameter d follows the radical inverse of j in the d-th prime base. In high bases its
--         first points lie on lines, so every digit goes through a permutation of its own,
--         drawn from the seed: the randomised Halton sequence of Owen (2017, arXiv:1706.02808).
--         The points stay as even as Halton's: among any b^k successive ones, each b^k-th part
--         of [0, 1) has one. Leaping would give this up for every base that divides the leap.

local hash = require "lab.c.hash"

local M = {}

-- A number in [0, 1) that depends on its arguments only: 52 bits of their hash.
local function uniform(...)
  local digits = hash.xxh128(table.concat({ ... }, " ")):sub(1, 13)
  return tonumber(digits, 16) / 2.0 ^ 52
end

-- The d-th prime.
local primes = { 2 }
local function prime(d)
  local candidate = primes[#primes]
  while #primes < d do
    candidate = candidate + 1
    local divisible = false
    for _, p in ipairs(primes) do
      if candidate % p == 0 then
        divisible = true
        break
      end
    end
    if not divisible then primes[#primes + 1] = candidate end
  end
  return primes[d]
end

-- 0 .. base-1 in an order that depends on (seed, base, digit) only (Fisher-Yates).
local function permutation(seed, base, digit)
  local order = {}
  for i = 0, base - 1 do order[i] = i end
  for i = base - 1, 1, -1 do
    local j = math.floor(uniform("halton", seed, base, digit, i) * (i + 1))
    order[i], order[j] = order[j], order[i]
  end
  return order
end

-- The scrambled radical inverse of j in a base: as many digits as a double holds.
local function scrambled(base, seed)
  local digits, orders = math.floor(52 * math.log(2) / math.log(base)), {}
  for k = 1, digits do orders[k] = permutation(seed, base, k) end
  return function(j)
    local u, weight = 0.0, 1.0
    for k = 1, digits do
      weight = weight / base
      u = u + orders[k][j % base] * weight
      j = j // base
    end
    return u < 1 and u or 1 - 2.0 ^ -53
  end
end

-- Point j (from 1) of dimension d (from 1) of the sequence: u(d, j).
function M.halton(seed)
  local inverses = {}
  return function(d, j)
    inverses[d] = inverses[d] or scrambled(prime(d), seed)
    return inverses[d](j - 1)
  end
end

-- Number j of the parameter of that name: u(name, j).
function M.random(seed) return function(name, j) return uniform("random", seed, j, name) end end

return M
