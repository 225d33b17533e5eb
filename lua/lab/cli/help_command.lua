-- help_command.lua: `setlab help [COMMAND | WORD]`.

local arguments = require "lab.util.arguments"
local commands = require "lab.cli.commands"
local options = require "lab.util.options"
local word_help = require "lab.cli.word_help"

local M = { name = "help", summary = "print this overview, or the manual of a command or of a word of lab" }

M.help = [[
NAME
       setlab help - print the manual of a command, or of a word of lab

SYNOPSIS
       setlab help [COMMAND | WORD]

DESCRIPTION
       Without a command: what setlab is and which commands it has. With one: its manual,
       the same text that 'setlab COMMAND --help' prints. With a word of the notebook, such
       as lab.mlp or lab.plot.curves: what it does, what it returns, and each option that it
       takes with its kind, limits and default. With what a word returns, such as lab.net,
       or one of its methods, such as net:epochs: the same of these. 'setlab help lab' lists
       them all.

EXIT STATUS
       0 if there is such a command or word, 2 if not.

EXAMPLES
       setlab help run
       setlab help lab.table
       setlab help net:epochs]]

local function word(name)
  local text = word_help.text(name)
  if not text then
    local near = options.nearest(name, word_help.names())
    arguments.fail("setlab help", ("there is no word '%s'%s"):format(name, near and (" (did you mean '%s'?)"):format(near) or ": 'setlab help lab' lists them"))
  end
  print(text)
  return 0
end

function M.main(words)
  local _, names = arguments.parse("setlab help", { words })
  if not names[1] then
    print(commands.overview())
    return 0
  end
  local command = commands.command(names[1])
  if command then
    print(command.help)
    return 0
  end
  -- "lab.set", "net:epochs"; "net" alone, where no command has that name
  if names[1]:find "^lab%f[.\0]" or names[1]:find "[:.]" or word_help.text(names[1]) then return word(names[1]) end
  commands.unknown(names[1])
end

return M
