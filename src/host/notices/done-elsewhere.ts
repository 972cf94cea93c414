import type { Access } from '../../contract/access.ts'
import { inQuotes } from '../../contract/agreed/visible-text.ts'
import type { CallName, Output, Parsed } from '../../contract/api.ts'
import type { Approval } from '../../contract/approvals.ts'
import type { Door } from '../../contract/pipe.ts'
import type { Notice } from '../../contract/status.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Witness } from '../dispatch.ts'

type Words = Pick<Notice, 'message' | 'hint'>
type Say = (where: string) => Words
type Tellers = { [K in CallName]?: (input: Parsed<K>, value: Output<K>) => Say | undefined }

const accesses: Record<Access, string> = {
  look: 'Look only',
  ask: 'Ask before changes',
  everything: 'Everything',
}
const where: Record<Exclude<Door, 'window'>, string> = {
  'command-line': 'on the command line',
  program: 'by a program with the admin key',
}
const onAccess =
  'If that was not you, revoke it on the Access page now, and look for programs on this computer that you do not know.'
const onTools =
  'If that was not you, remove it on the Tools page now, and look for programs on this computer that you do not know.'

const onSettings =
  'If that was not you, take it back now, and look for programs on this computer that you do not know.'

const someOf = (names: string[]) =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')

/** What gives somebody more access or makes something run: the owner hears of it in the app, unless it was done there. */
const tellers: Tellers = {
  'keys.create':
    ({ name, access }) =>
    (there) => ({
      message: `A key “${name}” with “${accesses[access]}” was made ${there}.`,
      hint: onAccess,
    }),
  'adminKey.create': () => (there) => ({
    message: `A key for programs, which opens the admin interface, was made ${there}.`,
    hint: 'If that was not you, remove it in the settings now, and look for programs on this computer that you do not know.',
  }),
  'clients.register':
    ({ name, access }) =>
    (there) => ({
      message: `A client “${name}” with “${accesses[access]}” was registered ${there}.`,
      hint: onAccess,
    }),
  'connections.approve':
    (_input, { name, access }) =>
    (there) => ({
      message: `${inQuotes(name)} was let in with “${accesses[access]}” ${there}.`,
      hint: onAccess,
    }),
  'grants.update': ({ access, tools, expiresAt }, grant) =>
    access === undefined && tools === undefined && expiresAt === undefined
      ? undefined
      : (there) => ({
          message: `What ${inQuotes(grant.name)} may do was changed ${there}: it is “${accesses[grant.access]}” now.`,
          hint: onAccess,
        }),
  'servers.add':
    ({ name }) =>
    (there) => ({ message: `A server “${name}” was added ${there}.`, hint: onTools }),
  'servers.edit':
    ({ name }) =>
    (there) => ({
      message: `What the server “${name}” is started with was changed ${there}.`,
      hint: onTools,
    }),
  'servers.update': ({ passesClientContext }, { name }) =>
    passesClientContext !== true
      ? undefined
      : (there) => ({
          message: `The server “${name}” was allowed ${there} to know what assistants say about who is asking.`,
          hint: 'If that was not you, take it back on the Tools page now, and look for programs on this computer that you do not know.',
        }),
  'workspaces.update': ({ name, sources }) =>
    sources === undefined
      ? undefined
      : (there) => ({
          message: `Which servers the workspace “${name}” has was changed ${there}.`,
          hint: onSettings,
        }),
  'connectors.save':
    ({ slug }, { name }) =>
    (there) => ({
      message: `What the connector “${slug}” asks with the account “${name}” was changed ${there}.`,
      hint: onSettings,
    }),
  'tools.set': ({ enabled, alias, risk, note }, { id, name, override }) => {
    if (enabled === true)
      return (there) => ({ message: `The tool ${name} was put to use ${there}.`, hint: onSettings })
    // To take a word back may lower what it raised.
    if (risk === null || override?.lowers)
      return (there) => ({
        message: `How dangerous the tool ${name} is taken to be was changed ${there}.`,
        hint: onSettings,
      })
    if (note)
      return (there) => ({
        message: `What assistants are told about the tool ${name} was changed ${there}.`,
        hint: onSettings,
      })
    if (alias == null) return undefined
    return (there) => ({
      message: `The tool ${id} was given the name ${alias} ${there}.`,
      hint: onSettings,
    })
  },
  'tools.acceptServer':
    ({ sourceId }) =>
    (there) => ({
      message: `That the server “${sourceId}” is another than before was accepted ${there}.`,
      hint: onTools,
    }),
  'bridge.lower': () => (there) => ({
    message: `The bridge was lowered ${there}, so that those who have access can come in from outside.`,
    hint: 'If that was not you, raise it now, and look for programs on this computer that you do not know.',
  }),
  'connect.open': () => (there) => ({
    message: `For ten minutes apps that you do not know may ask to be let in: that was opened ${there}.`,
    hint: 'If that was not you, let nobody in, and look for programs on this computer that you do not know.',
  }),
  'preferences.set': ({ redirectDomains, requestsPerMinute, activityDays, localPages }) => {
    const parts = [
      ...(redirectDomains === undefined ? [] : ['where clients may be sent back to']),
      ...(requestsPerMinute === undefined ? [] : ['how much clients may ask in a minute']),
      ...(activityDays === undefined ? [] : ['how long calls are kept in the log']),
      ...(localPages === undefined || localPages.length === 0
        ? []
        : [`which pages on this computer may be clients (${someOf(localPages)})`]),
    ]
    const what = parts.join(', and ')
    return what === ''
      ? undefined
      : (there) => ({
          message: `${what[0]!.toUpperCase()}${what.slice(1)} was changed ${there}.`,
          hint: 'If that was not you, look at the settings now, and for programs on this computer that you do not know.',
        })
  },
  'tools.accept': (_input, accepted) => (there) => ({
    message: `What waited to be looked at was accepted as it is ${there}: ${someOf(accepted.map(({ name }) => name))}.`,
    hint: onSettings,
  }),
  'servers.start':
    ({ seen }, { name }) =>
    (there) => ({
      message: `A server “${name}”, which ${seen === undefined ? 'was stopped' : 'waited for its first start'}, was started ${there}.`,
      hint: onTools,
    }),
}

/** Sees to it that what is done past the window is seen in the window. */
export function witnessOf(deps: { clock: Clock; approvals(): Approval[]; tell(words: Words): void }): {
  witness: Witness
  letIn(from: Exclude<Door, 'window'>): void
} {
  const thereAndThen = (from: Exclude<Door, 'window'>) => {
    const time = new Date(deps.clock.now()).toTimeString().slice(0, 5)
    return `${where[from]} at ${time}`
  }
  const letIn = (from: Exclude<Door, 'window'>) =>
    deps.tell({
      message: `A browser was let in to these pages with a link that was asked for ${thereAndThen(from)}.`,
      hint: 'If that was not you, stop Drawbridge and start it again, which ends every such browser, and look for programs on this computer that you do not know.',
    })
  const witness: Witness = (name, input, from) => {
    if (from === 'window') return undefined
    if (name === 'approvals.decide') {
      const { id, decision } = input as Parsed<'approvals.decide'>
      // Afterwards it waits no more.
      const asked = deps.approvals().find((one) => one.id === id)
      if (decision !== 'once' || asked === undefined) return undefined
      return () =>
        deps.tell({
          message: `A call of ${inQuotes(asked.clientName)} to ${asked.tool} was allowed ${thereAndThen(from)}.`,
          hint: 'If that was not you, look at it on the Activity page, and for programs on this computer that you do not know.',
        })
    }
    const teller = tellers[name] as ((input: unknown, value: unknown) => Say | undefined) | undefined
    if (teller === undefined) return undefined
    return (value) => {
      const say = teller(input, value)
      if (say !== undefined) deps.tell(say(thereAndThen(from)))
    }
  }
  return { witness, letIn }
}
