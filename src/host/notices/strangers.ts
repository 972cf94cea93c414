import { say } from '../../../locales/say.ts'
import type { Notice } from '../../contract/status.ts'
import { describeError } from '../../oauth/authorization/oauth-errors.ts'
import type { RegistrationsFull } from '../../oauth/clients/registration-budget.ts'

interface Events {
  on(name: 'registrations.full', listen: (what: RegistrationsFull) => void): unknown
  on(name: 'window.gave-up', listen: () => void): unknown
}

/** Why apps that register are turned away, in words for the owner. */
export const registrationsFullWords = ({ inWindow }: RegistrationsFull): Pick<Notice, 'message' | 'hint'> => {
  const { message, hint } = describeError(inWindow ? 'too-many-in-window' : 'too-many-registered')
  return { message, hint }
}

/** Tells the owner when strangers have used up what there is for strangers; by then nothing else can be seen of it. */
export function watchStrangers(
  events: Events,
  add: (level: Notice['level'], words: Pick<Notice, 'message' | 'hint'>) => void,
): void {
  events.on('registrations.full', (what) => add('warning', registrationsFullWords(what)))
  events.on('window.gave-up', () =>
    add('info', {
      message: say('notice.declined-three.message'),
      hint: say('notice.declined-three.hint'),
    }),
  )
}
