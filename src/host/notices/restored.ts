import { say } from '../../../locales/say.ts'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import type { Carried } from '../../storage/backup/carried-over.ts'
import type { Plan } from '../../storage/backup/staged-restore.ts'
import type { Settings } from '../../storage/settings.ts'
import { createNotices } from './notices.ts'

/** Names that are said; the others are counted. */
const mostNames = 5

/** In the settings that were restored, so that it is told whatever ends this start. */
export function tellRestored({ facts, aside }: Plan, carried: Carried, settings: Settings): void {
  const { ended, back, isAdminKeyEnded, isRenewed, isRaised } = carried
  const said = [
    ...(back.length > 0 ? [say('notice.restored.back', { names: namesOf(back) })] : []),
    ...(ended.length > 0 ? [say('notice.restored.ended', { names: namesOf(ended) })] : []),
    ...(isAdminKeyEnded ? [say('notice.restored.adminKeyEnded')] : []),
    ...(isRenewed ? [say('notice.restored.renewed')] : []),
    ...(isRaised ? [say('notice.restored.raised')] : []),
    say('notice.restored.hint', { file: aside }),
  ]
  createNotices(null, settings).keep({
    message: say('notice.restored.message', { when: facts.madeAt }),
    hint: said.join(' '),
  })
}

function namesOf(names: readonly string[]): string {
  const said = names
    .slice(0, mostNames)
    .map((name) => quotedLine(name))
    .join(', ')
  return names.length > mostNames
    ? say('part.namesAndMore', { names: said, count: names.length - mostNames })
    : said
}
