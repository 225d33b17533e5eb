-- How runs are shared out among tasks, and who a process of a farm is.
local t = dofile "tests/harness.lua"
local cluster = require "lab.cluster"
local cluster_run = require "lab.cluster.run"
local slurm = require "lab.cluster.slurm"

local function sizes(n, ...)
  local all, list = {}, {}
  for i = 1, n do all[i] = i end
  local next_one = 1
  for i, task in ipairs(cluster.group(all, ...)) do
    list[i] = #task
    for _, job in ipairs(task) do
      t.equal(job, next_one)  -- all of them, in order
      next_one = next_one + 1
    end
  end
  t.equal(next_one, n + 1)
  return list
end

t.test("tasks take as long as they are to take, or longer", function()
  t.equal(sizes(24, 60, 10, 1), { 12, 12 })
  t.equal(sizes(24, 90, 10, 1), { 8, 8, 8 })
  t.equal(sizes(24, 100, 10, 1), { 6, 6, 6, 6 })
  t.equal(sizes(25, 101, 10, 1), { 6, 6, 6, 7 })
  t.equal(sizes(24, 1, 10, 1), { 24 })
  t.equal(sizes(3, 0, 10, 1), { 3 })
  t.equal(sizes(3, 3600, 10, 1), { 1, 1, 1 })
  t.equal(sizes(1, 3600, 10, 1), { 1 })
  t.equal(sizes(24, 300, 10, 4), { 8, 8, 8 })
  t.equal(sizes(3, 60, 0, 1), { 1, 1, 1 })
end)

t.test("without a word of the time each run is a task, but no array is longer than Slurm takes", function()
  t.equal(sizes(3, nil, 10, 1), { 1, 1, 1 })
  local many = sizes(2500, nil, 10, 1)
  t.equal(#many <= cluster.most_tasks, true)
  t.equal({ math.min(table.unpack(many)), math.max(table.unpack(many)) }, { 3, 4 })
end)

t.test("every rank begins at a place of its own", function()
  local all = { "a", "b", "c", "d", "e" }
  t.equal(cluster_run.rotated(all, 0, 2), all)
  t.equal(cluster_run.rotated(all, 1, 2), { "c", "d", "e", "a", "b" })
  t.equal(cluster_run.rotated(all, 6, 7), { "e", "a", "b", "c", "d" })
  t.equal(cluster_run.rotated({ "a" }, 2, 3), { "a" })
end)

t.test("words that the shell or Slurm would take apart", function()
  local script = slurm.script { name = "a b/c", program = "/opt/it's here/setlab", plan = "runs/p.yaml", directory = "/home/my files",
    folder = "/home/50% of it", tasks = 7, notice = 60, options = { "--time=1" } }
  t.equal(script, [[
#!/bin/sh
#SBATCH --job-name=a-b-c
#SBATCH --array=1-7
#SBATCH --chdir="/home/my files"
#SBATCH --output="/home/50%% of it/task-%a.log"
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@60
#SBATCH --time=1
exec '/opt/it'\''s here/setlab' task 'runs/p.yaml' "$SLURM_ARRAY_TASK_ID"
]])
end)

t.done()
