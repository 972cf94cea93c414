import type { Command } from 'commander'
import { readControlFile } from '../../control/control-file.ts'
import type { Act, Context } from '../context.ts'
import { when } from '../table.ts'

/** The key of programs that use the admin interface. */
export function addAdminKeyCommands(program: Command, act: Act): void {
  const group = program.command('admin-key').description('the key for programs that manage servers (REST)')

  act(
    group
      .command('create')
      .description('make the key; it is printed once, alone on its line, and ends an older one'),
    async (context) => {
      const { key } = await context.host.call('adminKey.create', undefined)
      const address = addressOf(context)
      context.note('Copy the key now:')
      context.answer({ key, address }, [key])
      context.note(`It opens ${address} and nothing else. It is not shown again.`)
    },
  )

  act(
    group.command('show').description('show whether there is a key, and where it works'),
    async (context) => {
      const { createdAt } = await context.host.call('adminKey.get', undefined)
      const address = addressOf(context)
      context.answer({ createdAt, address }, [
        createdAt === null
          ? 'There is no admin key. `drawbridge admin-key create` makes one.'
          : `There is an admin key, made ${when(createdAt)}, for ${address}`,
      ])
    },
  )

  act(group.command('remove').description('end the key'), async (context) => {
    await context.host.call('adminKey.remove', undefined)
    context.answer({ removed: true }, ['There is no admin key any more.'])
  })
}

const addressOf = ({ dataDir }: Context): string | null => {
  const control = readControlFile(dataDir)
  return control && `http://127.0.0.1:${control.port}/api/v1`
}
