-- cmd_help.lua: `setlab help [COMMAND]`.

local arguments = require "lab.arguments"

local M = { name = "help", summary = "print this overview, or the manual of one command" }

M.help = [[
NAME
       setlab help - print the manual of a command

SYNOPSIS
       setlab help [COMMAND]

DESCRIPTION
       Without a command: what setlab is and which commands it has. With one: its manual,
       the same text that 'setlab COMMAND --help' prints.

EXIT STATUS
       0 if there is such a command, 2 if not.

EXAMPLES
       setlab help run]]

function M.main(words)
  local cli = require "lab.cli"
  local _, names = arguments.parse("setlab help", { words })
  if not names[1] then
    print(cli.overview())
    return 0
  end
  local command = cli.command(names[1]) or cli.unknown(names[1])
  print(command.help)
  return 0
end

return M
