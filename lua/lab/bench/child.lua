-- child.lua: what the processes do that mpirun starts for a row of ranks (bench/ranks.lua) or to time messages (bench/exchange.lua).

local json = require "lab.util.json"
local ranked = require "lab.bench.ranks"
local ranks = require "lab.run.ranks"
local subjects = require "lab.bench.subject"

local EPOCHS <const> = 3   -- of a round

-- Epochs, or only messages of so many bytes. Rank 0 prints.
return function(text)
  ranked.is_child = true
  local told = json.decode(text)
  local together <close> = ranks.join()
  if told.exchange then
    print(json.encode { rate = require "lab.c.ranks".exchange(told.exchange) })
    return 0
  end
  told.config.threads = nil
  local subject = subjects.new(told.config, told.isa, {})
  local seconds = {}
  subject:warm()
  for i = 1, EPOCHS do seconds[i] = subject:train_together() end
  print(json.encode { seconds = seconds, loss = subject.loss })
  subject:close()
  return 0
end
