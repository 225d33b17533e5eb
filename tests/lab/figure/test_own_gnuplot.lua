-- lab.plot.gnuplot: columns by name, errors with the line of the script, and what a script cannot do.

local t = dofile "tests/harness.lua"
local lab = require "lab"
local fs = require "lab.c.fs"
local output = require "lab.util.output"

local folder = os.tmpname()
os.remove(folder)
fs.mkdirs(folder)
output.directory = folder

-- The item that a figure gives.
local function drawn(given)
  local item
  output.sink = function(it) item = it end
  lab.plot.gnuplot(given)
  output.sink = nil
  return item
end

local function script(text, data) return { data = data or { epoch = { 1, 2, 3 }, loss = { 3, 2, 1 } }, script = text } end

local has_gnuplot = require "lab.figure.gnuplot".version() ~= nil

t.test("columns have names, and texts are no commands", function()
  if not has_gnuplot then return end
  local item = drawn(script("set xlabel 'epoch'\nplot data using epoch:loss with lines\n"))
  t.truthy(fs.read_file(item.files.svg):find "<svg")
  t.equal(fs.read_file(item.sources.data[1]), "epoch,loss\n1,3\n2,2\n3,1\n")
  t.truthy(fs.read_file(item.sources.gp):find("epoch = 1\nloss = 2\n", 1, true))
  local nasty = "x\"; system('touch " .. folder .. "/pwned'); `touch " .. folder .. "/pwned` \n!touch " .. folder .. "/pwned"
  item = drawn { data = { { n = { 1 }, word = { nasty } }, { n = { 2 }, word = { nasty } } },
    script = "plot data index 0 using n:n:(stringcolumn(word)) with labels, '' index 1 using n:n with points" }
  t.truthy(fs.read_file(item.files.svg):find "<svg")
  t.equal(fs.stat(folder .. "/pwned"), nil)
end)

t.test("an empty text is an empty text", function()
  if not has_gnuplot then return end
  local item = drawn { data = { name = { "", "end" }, x = { 7.25, 8.5 } }, script = "plot data using x:x:(stringcolumn(name)) with labels" }
  t.equal(fs.read_file(item.files.svg):find(">[^<]*7%.25[^<]*<"), nil)
  t.equal(fs.read_file(item.sources.data[1]), 'x,name\n7.25," "\n8.5,"end"\n')
end)

t.test("vectors are columns, too", function()
  if not has_gnuplot then return end
  local item = drawn(script("plot data using n:x", { n = lab.vector { 1, 2 }, x = lab.vector { 0.5, 0.25 } }))
  t.equal(fs.read_file(item.sources.data[1]), "n,x\n1,0.5\n2,0.25\n")
end)

local function fails(given, pattern) t.raises(pattern, function() drawn(given) end) end

t.test("errors name the line of the script", function()
  if not has_gnuplot then return end
  fails(script("set xlabel 'x'\nplot data using epoch:los\n"), "line 2 of the script: undefined variable: los")
  fails(script("set grid\n\nplt data\n"), "line 3 of the script: invalid command")
  fails(script("set grid"), "made no picture")
end)

t.test("data that do not fit", function()
  fails(script("plot data", {}), "no column")
  fails(script("plot data", { a = { 1, 2 }, b = { 1 } }), "a has 2 rows, b has 1")
  fails(script("plot data", { { a = { 1 } }, { b = { 1 } } }), "no column")
  fails(script("plot data", { ["a; system('x')"] = { 1 } }), "a column's name is a lower%-case letter")
  fails(script("plot data", { Epoch = { 1 } }), "lower%-case")
  fails(script("plot data", { using = { 1 } }), "'using' is a word of gnuplot")
  fails(script("plot data", { a = { true } }), "a%[1%] must be a number or text, not boolean")
  fails(script("plot data", { a = 1 }), "must be an array")
end)

t.test("words that start programs or open files are refused with their line", function()
  for _, line in ipairs { "system('ls')", "x = system('ls')", "!ls", "shell", "x = `ls`", "load 'a.gp'", "plot '<ls'", 'plot "| ls"', "set output 'a'", "set term png",
    "set print 'x'", "save 'x'", "set table 'x'", "print \"`ls`\"", "set grid; !ls" } do
    fails(script("set grid\n" .. line .. "\n"), "line 2 of the script: '[^']*[^ ]*' is not for a figure")
  end
  if not has_gnuplot then return end
  drawn(script("# system('ls') in a comment\nset title 'system, shell and load are words'\nplot data using epoch:loss\n"))
end)

t.test("what is not seen beforehand, the system refuses", function()
  if not has_gnuplot then return end
  local mark = folder .. "/../setlab-own-gnuplot-mark"
  for _, line in ipairs { "c = sprintf('%c touch " .. mark .. "', 60)\nplot c", "eval sprintf('%stem(\"touch " .. mark .. "\")', 'sys')",
    "eval sprintf('%s \"" .. mark .. "\"', 'set output')\nplot data" } do
    pcall(drawn, script(line .. "\n"))
    output.sink = nil
    t.equal(fs.stat(mark), nil, line)
  end
end)

fs.remove_tree(folder)
t.done()
