import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { readControlFile } from '../../control/control-file.ts'
import type { Act, Context } from '../context.ts'
import { when } from '../table.ts'

/** The key of programs that use the admin interface. */
export function addAdminKeyCommands(program: Command, act: Act): void {
  const group = program.command('admin-key').description(say('cli.adminKey.help.adminKey'))

  act(group.command('create').description(say('cli.adminKey.help.create')), async (context) => {
    const { key } = await context.host.call('adminKey.create', undefined)
    const address = addressOf(context)
    context.note(say('cli.adminKey.copyKeyNow'))
    context.answer({ key, address }, [key])
    context.note(say('cli.adminKey.opensAndNothingElse', { address: address ?? '-' }))
  })

  act(group.command('show').description(say('cli.adminKey.help.show')), async (context) => {
    const { createdAt } = await context.host.call('adminKey.get', undefined)
    const address = addressOf(context)
    context.answer({ createdAt, address }, [
      createdAt === null
        ? say('cli.adminKey.noAdminKeyDrawbridge')
        : say('cli.adminKey.adminKeyMadeFor', { createdAt: when(createdAt), address: address ?? '-' }),
    ])
  })

  act(group.command('remove').description(say('cli.adminKey.help.remove')), async (context) => {
    await context.host.call('adminKey.remove', undefined)
    context.answer({ removed: true }, [say('cli.adminKey.noAdminKeyAny')])
  })
}

const addressOf = ({ dataDir }: Context): string | null => {
  const control = readControlFile(dataDir)
  return control && `http://127.0.0.1:${control.port}/api/v1`
}
