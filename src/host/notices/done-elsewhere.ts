import { say } from '../../../locales/say.ts'
import type { Access } from '../../contract/access.ts'
import { inQuotes } from '../../contract/agreed/visible-text.ts'
import type { CallName, Output, Parsed } from '../../contract/api.ts'
import type { Approval } from '../../contract/approvals.ts'
import type { Door } from '../../contract/pipe.ts'
import type { Notice } from '../../contract/status.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Witness } from '../dispatch.ts'

type Words = Pick<Notice, 'message' | 'hint'>
type Teller = (there: string) => Words
type Tellers = { [K in CallName]?: (input: Parsed<K>, value: Output<K>) => Teller | undefined }

const accesses = (access: Access) => say(`accessLevel.${access}.label`)
const onAccess = () => say('elsewhere.revokeOnAccess')
const onTools = () => say('elsewhere.removeOnTools')

const onSettings = () => say('elsewhere.takeItBack')
const onRules = () => say('elsewhere.lookAtRules')

const someOf = (names: string[]) =>
  names.length > 3
    ? say('part.namesAndMore', { names: names.slice(0, 3).join(', '), count: names.length - 3 })
    : names.join(', ')

/** What gives somebody more access or makes something run: the owner hears of it in the app, unless it was done there. */
const tellers: Tellers = {
  'keys.create':
    ({ name, access }) =>
    (there) => ({
      message: say('elsewhere.keyMade', { name, access: accesses(access), there }),
      hint: onAccess(),
    }),
  'adminKey.create': () => (there) => ({
    message: say('elsewhere.adminKeyMade', { there }),
    hint: say('elsewhere.inSettings'),
  }),
  'clients.register':
    ({ name, access }) =>
    (there) => ({
      message: say('elsewhere.clientRegistered', { name, access: accesses(access), there }),
      hint: onAccess(),
    }),
  'connections.approve':
    (_input, { name, access }) =>
    (there) => ({
      message: say('elsewhere.letIn', { name: inQuotes(name), access: accesses(access), there }),
      hint: onAccess(),
    }),
  'grants.update': ({ access, tools, expiresAt }, grant) =>
    access === undefined && tools === undefined && expiresAt === undefined
      ? undefined
      : (there) => ({
          message: say('elsewhere.grantChanged', {
            name: inQuotes(grant.name),
            access: accesses(grant.access),
            there,
          }),
          hint: onAccess(),
        }),
  'grants.resume':
    (_input, { name }) =>
    (there) => ({
      message: say('elsewhere.resumed', { name: inQuotes(name), there }),
      hint: onAccess(),
    }),
  'servers.add':
    ({ name }) =>
    (there) => ({ message: say('elsewhere.serverAdded', { name, there }), hint: onTools() }),
  'servers.edit':
    ({ name }) =>
    (there) => ({
      message: say('elsewhere.serverChanged', { name, there }),
      hint: onTools(),
    }),
  'servers.update': ({ passesClientContext }, { name }) =>
    passesClientContext !== true
      ? undefined
      : (there) => ({
          message: say('elsewhere.serverTold', { name, there }),
          hint: say('elsewhere.takeBackOnTools'),
        }),
  'workspaces.update': ({ name, sources }) =>
    sources === undefined
      ? undefined
      : (there) => ({
          message: say('elsewhere.workspaceChanged', { name, there }),
          hint: onSettings(),
        }),
  'connectors.save':
    ({ slug }, { name }) =>
    (there) => ({
      message: say('elsewhere.connectorChanged', { slug, name, there }),
      hint: onSettings(),
    }),
  'folders.add':
    ({ paused }, { name }) =>
    (there) => ({
      message: say('elsewhere.folderAdded', { name, isPaused: paused, there }),
      hint: onTools(),
    }),
  'folders.change': ({ writable, paused, excludes }, { name }) => {
    if (writable === true)
      return (there) => ({
        message: say('elsewhere.folderWritable', { name, there }),
        hint: say('elsewhere.takeBackOnTools'),
      })
    return paused === false || excludes !== undefined
      ? (there) => ({ message: say('elsewhere.folderChanged', { name, there }), hint: onTools() })
      : undefined
  },
  'tools.set': ({ enabled, alias, risk, note }, { id, name, override }) => {
    if (enabled === true)
      return (there) => ({ message: say('elsewhere.toolUsed', { name, there }), hint: onSettings() })
    // To take a word back may lower what it raised.
    if (risk === null || override?.lowers)
      return (there) => ({ message: say('elsewhere.toolRisk', { name, there }), hint: onSettings() })
    if (note) return (there) => ({ message: say('elsewhere.toolNote', { name, there }), hint: onSettings() })
    if (alias == null) return undefined
    return (there) => ({ message: say('elsewhere.toolNamed', { id, alias, there }), hint: onSettings() })
  },
  'tools.acceptServer':
    ({ sourceId }) =>
    (there) => ({
      message: say('elsewhere.serverAccepted', { name: sourceId, there }),
      hint: onTools(),
    }),
  'rules.change':
    (_input, { clientName, tool }) =>
    (there) => ({
      message: say('elsewhere.ruleChanged', { client: inQuotes(clientName), tool, there }),
      hint: onRules(),
    }),
  'rules.revoke': (_input, { clientName, tool, effect }) =>
    effect === 'allow'
      ? undefined
      : (there) => ({
          message: say('elsewhere.neverTakenBack', { client: inQuotes(clientName), tool, there }),
          hint: onRules(),
        }),
  'rules.revokeAll': () => (there) => ({
    message: say('elsewhere.rulesRevoked', { there }),
    hint: onRules(),
  }),
  'backup.create': () => (there) => ({
    message: say('elsewhere.backupMade', { there }),
    hint: say('elsewhere.backupHint'),
  }),
  'backup.restore': () => (there) => ({
    message: say('elsewhere.backupRestored', { there }),
    hint: say('elsewhere.backupHint'),
  }),
  'bridge.lower': () => (there) => ({
    message: say('elsewhere.bridgeLowered', { there }),
    hint: say('elsewhere.raiseIt'),
  }),
  'tunnel.use':
    ({ id }) =>
    (there) => ({
      message: say('elsewhere.tunnelUsed', { title: say(`tunnel.way.${id}.title`), there }),
      hint: onSettings(),
    }),
  'tunnel.cloudflareSetUp': () => cloudflareUsed,
  'tunnel.cloudflareSignInSetUp': () => cloudflareUsed,
  'tunnel.takeOver': () => (there) => ({
    message: say('elsewhere.addressTakenOver', { there }),
    hint: say('elsewhere.raiseIt'),
  }),
  'connect.open': () => (there) => ({
    message: say('elsewhere.windowOpened', { there }),
    hint: say('elsewhere.letNobodyIn'),
  }),
  'preferences.set': ({ redirectDomains, requestsPerMinute, activityDays, localPages, ...more }) => {
    const parts = [
      ...(redirectDomains === undefined ? [] : [say('elsewhere.redirects')]),
      ...(requestsPerMinute === undefined ? [] : [say('elsewhere.perMinute')]),
      ...(activityDays === undefined ? [] : [say('elsewhere.activityDays')]),
      ...(more.timelineDays === undefined ? [] : [say('elsewhere.timelineDays')]),
      ...(more.timelineFile === undefined ? [] : [say('elsewhere.timelineFile')]),
      ...(localPages === undefined || localPages.length === 0
        ? []
        : [say('elsewhere.localPages', { pages: someOf(localPages) })]),
    ]
    const what = parts.join(say('elsewhere.and'))
    return what === ''
      ? undefined
      : (there) => ({
          message: say('elsewhere.settingsChanged', {
            what: `${what[0]!.toUpperCase()}${what.slice(1)}`,
            there,
          }),
          hint: say('elsewhere.lookAtSettings'),
        })
  },
  'tools.accept': (_input, accepted) => (there) => ({
    message: say('elsewhere.accepted', { there, names: someOf(accepted.map(({ name }) => name)) }),
    hint: onSettings(),
  }),
  'servers.start':
    ({ seen }, { name }) =>
    (there) => ({
      message: say('elsewhere.serverStarted', { name, isFirst: seen !== undefined, there }),
      hint: onTools(),
    }),
}

function cloudflareUsed(there: string): Words {
  return {
    message: say('elsewhere.tunnelUsed', { title: say('tunnel.way.cloudflare.title'), there }),
    hint: onSettings(),
  }
}

/** Sees to it that what is done past the window is seen in the window. */
export function witnessOf(deps: {
  clock: Clock
  approvals(): Approval[]
  /** `kind`: of what was done, so that nothing of another kind can stand in its place. */
  tell(words: Words, kind: string): void
}): {
  witness: Witness
  letIn(from: Exclude<Door, 'window'>): void
} {
  const thereAndThen = (from: Exclude<Door, 'window'>) => {
    const time = new Date(deps.clock.now()).toTimeString().slice(0, 5)
    return from === 'program'
      ? say('elsewhere.byProgram', { time })
      : say('elsewhere.onCommandLine', { time })
  }
  const letIn = (from: Exclude<Door, 'window'>) =>
    deps.tell(
      {
        message: say('elsewhere.browserLetIn', { there: thereAndThen(from) }),
        hint: say('elsewhere.startAgain'),
      },
      'letIn',
    )
  const witness: Witness = (name, input, from) => {
    if (from === 'window') return undefined
    if (name === 'approvals.decide') {
      const { id, decision } = input as Parsed<'approvals.decide'>
      // Afterwards it waits no more.
      const asked = deps.approvals().find((one) => one.id === id)
      if (decision === 'deny' || decision === 'never' || asked === undefined) return undefined
      return () =>
        deps.tell(
          {
            message: say(decision === 'once' ? 'elsewhere.callAllowed' : 'elsewhere.callsAllowed', {
              client: inQuotes(asked.clientName),
              tool: asked.tool,
              there: thereAndThen(from),
            }),
            hint: decision === 'once' ? say('elsewhere.lookAtActivity') : onRules(),
          },
          `${name} ${decision}`,
        )
    }
    const teller = tellers[name] as ((input: unknown, value: unknown) => Teller | undefined) | undefined
    if (teller === undefined) return undefined
    return (value) => {
      const words = teller(input, value)
      // What lets somebody do more is another kind than what lets them do less.
      const { access = '' } = Object(input) as { access?: string }
      if (words !== undefined) deps.tell(words(thereAndThen(from)), `${name} ${access}`)
    }
  }
  return { witness, letIn }
}
