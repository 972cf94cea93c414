import type { CallName, Input, Output } from '../contract/api.ts'
import { HostError, isHostError } from '../kernel/errors.ts'
import type { Context } from './context.ts'
import type { HostClient } from './host-client.ts'
import { version } from './version.ts'

/**
 * Does something with the Drawbridge that runs over the data folder or, where none does, with the folder itself: a new computer gets its
 * backup before the first start.
 */
export async function withBackups<T>(context: Context, use: (host: Pick<HostClient, 'call'>) => Promise<T>) {
  try {
    await context.host.call('status.get', undefined)
  } catch (error) {
    if (!isHostError(error) || error.code !== 'host-not-running') throw error
    return offline(context, use)
  }
  return use(context.host)
}

async function offline<T>(
  { dataDir, terminal: { env } }: Context,
  use: (host: Pick<HostClient, 'call'>) => Promise<T>,
): Promise<T> {
  const { openOffline } = await import('../host/offline-backups.ts')
  const { dispatch, close } = await openOffline({ dataDir, version, env })
  try {
    return await use({
      async call<K extends CallName>(name: K, input: Input<K>) {
        const reply = await dispatch(name, input, 'command-line')
        if (!reply.ok) throw new HostError({ code: reply.error.code, told: reply.error })
        return reply.value as Output<K>
      },
    })
  } finally {
    await close()
  }
}
