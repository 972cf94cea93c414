import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import type { Notice } from '../../contract/status.ts'
import { isHostError } from '../../kernel/errors.ts'
import type { Settings } from '../../storage/settings.ts'

const setting = 'gateway.port'
const Port = z.number().int().min(1).max(65_535)

interface Listener {
  listen(): Promise<{ port: number }>
}

/**
 * Opens the public listener at `asked`, else where it was last time, else anywhere. A port that was asked for and is
 * taken is an error; a remembered one that is taken is replaced, and `moved` says so.
 */
export async function listenWhereRemembered<L extends Listener>(
  settings: Settings,
  asked: number | undefined,
  create: (port: number) => L,
): Promise<{ listener: L; port: number; moved: Pick<Notice, 'message' | 'hint'> | null }> {
  const open = async (wanted: number) => {
    const listener = create(wanted)
    return { listener, ...(await listener.listen()) }
  }
  const remembered = asked || settings.get(setting, Port) || 0
  try {
    const opened = await open(remembered)
    settings.set(setting, opened.port)
    return { ...opened, moved: null }
  } catch (error) {
    if (!isHostError(error) || error.code !== 'port-taken' || asked || remembered === 0) throw error
    const opened = await open(0)
    settings.set(setting, opened.port)
    return {
      ...opened,
      moved: {
        message: say('notice.port-moved.message', { taken: remembered, port: opened.port }),
        hint: say('notice.port-moved.hint'),
      },
    }
  }
}
