import type { Command } from 'commander'
import { addAccessCommands } from './commands/access-commands.ts'
import { addActivityCommands } from './commands/activity-commands.ts'
import { addAdminKeyCommands } from './commands/admin-key-commands.ts'
import { addBackupCommands } from './commands/backup-commands.ts'
import { addBridgeCommands } from './commands/bridge-commands.ts'
import { addConnectorCommands } from './commands/connector-commands.ts'
import { addDiaryCommand } from './commands/diary-command.ts'
import { addDoctorCommand } from './commands/doctor-command.ts'
import { addEventCommands } from './commands/event-commands.ts'
import { addFolderCommands } from './commands/folder-commands.ts'
import { addPinCommands } from './commands/pin-commands.ts'
import { addPreferenceCommands } from './commands/preference-commands.ts'
import { addRequestCommands } from './commands/request-commands.ts'
import { addRuleCommands } from './commands/rule-commands.ts'
import { addServerCommands } from './commands/servers/server-commands.ts'
import { addServiceCommands } from './commands/service-commands.ts'
import { addToolCommands } from './commands/tool-commands.ts'
import { addTunnelCommands } from './commands/tunnel-commands.ts'
import { addUndoCommand } from './commands/undo-command.ts'
import { addWorkspaceCommands } from './commands/workspace-commands.ts'
import type { Act } from './context.ts'

/** Every command but `serve`. */
export function addCommands(program: Command, act: Act): void {
  addBridgeCommands(program, act)
  addTunnelCommands(program, act)
  addRequestCommands(program, act)
  addRuleCommands(program, act)
  addServerCommands(program, act)
  addConnectorCommands(program, act)
  addFolderCommands(program, act)
  addToolCommands(program, act)
  addPinCommands(program, act)
  addAccessCommands(program, act)
  addActivityCommands(program, act)
  addDiaryCommand(program, act)
  addUndoCommand(program, act)
  addEventCommands(program, act)
  addWorkspaceCommands(program, act)
  addPreferenceCommands(program, act)
  addAdminKeyCommands(program, act)
  addBackupCommands(program, act)
  addServiceCommands(program, act)
  addDoctorCommand(program, act)
}
