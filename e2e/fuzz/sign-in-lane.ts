import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from '../../src/contract/servers.ts'
import { random } from '../../src/oauth/testing/hostile-requests.ts'
import {
  type FixtureAnswer,
  type ProtectedServer,
  startProtectedServer,
} from '../../src/servers/sign-in/testing/fixture-protected-server.ts'
import type { Lane, Outcome } from './fuzz-run.ts'
import { mutate, pickFieldMutation, places, type Random, told } from './mutations.ts'
import { type Raw, write } from './raw-json.ts'
import type { World } from './world.ts'

/** What of the sign-in is mutated: which answers, and which of their fields it cannot do without. */
const answers = [
  {
    what: 'metadata of the resource',
    at: (path: string) => path.startsWith('/.well-known/oauth-protected-resource'),
    // Who is asked for no scope at all may refuse, and this one does.
    needs: ['resource', 'authorization_servers', 'scopes_supported'],
  },
  {
    what: 'metadata of the authorization server',
    at: (path: string) => path.startsWith('/.well-known/o') && !path.includes('protected-resource'),
    needs: [
      ...['issuer', 'authorization_endpoint', 'token_endpoint', 'registration_endpoint'],
      ...['response_types_supported', 'code_challenge_methods_supported'],
    ],
  },
  { what: 'registration', at: (path: string) => path === '/reg', needs: ['client_id'] },
  { what: 'tokens', at: (path: string) => path === '/token', needs: ['access_token', 'token_type'] },
]

interface Plan {
  how: string
  mustWork: boolean
  alter: NonNullable<ProtectedServer['alter']>
}

/** A real authorization server that says one thing wrongly, and then nothing any more. */
export async function startSignInLane(world: World): Promise<Lane> {
  const there = await startProtectedServer()
  let number = 0
  const run = async (seed: number): Promise<Outcome> => {
    const plan = await planFor(random(seed), there)
    number += 1
    const input = { kind: 'http' as const, name: `signed-${number}`, url: there.url, timeout: 8_000 }
    const { id } = await world.host.ask('servers.add', input)
    try {
      there.alter = plan.alter
      const first = await signIn(world, there, id)
      const problems = await world.neighbours('during a sign-in')
      if (first.state !== 'running' && plan.mustWork) problems.push(`the sign-in failed: ${first.said}`)
      if (first.state !== 'running' && first.said === '')
        problems.push(`it is ${first.state}, and nothing says why`)
      there.alter = null
      if (first.state !== 'running') {
        const second = await signIn(world, there, id)
        if (second.state !== 'running') problems.push(`afterwards it is ${second.state}: ${second.said}`)
      }
      const text = await readNote(world, `signed-${number}__read_note`)
      if (!text.includes('a note')) problems.push(`its tool answers ${text.slice(0, 300)}`)
      return { how: plan.how, problems }
    } finally {
      there.alter = null
      await world.host.ask('servers.remove', { id })
    }
  }
  return { name: 'sign-in', run, stop: () => there.close() }
}

/** A server runs a moment before its tools are offered: they are looked at a little at a time. */
async function readNote(world: World, name: string): Promise<string> {
  for (const began = performance.now(); ; await sleep(20)) {
    const { text } = await world.rpc('tools/call', { name, arguments: {} })
    if (!text.includes('Unknown tool') || performance.now() - began > 2_000) return text
  }
}

async function planFor(r: Random, there: ProtectedServer): Promise<Plan> {
  if (r.next() < 0.15) {
    const challenge = r.pick(challenges)
    return {
      how: `challenge ${challenge}`,
      // Where the metadata is has a place of its own, for whoever is not told.
      mustWork: true,
      alter: (path, answer) =>
        path !== '/mcp' || answer.status !== 401
          ? answer
          : {
              ...answer,
              headers: challenge === null ? {} : { ...answer.headers, 'www-authenticate': challenge },
            },
    }
  }
  const { what, at, needs } = r.pick(answers)
  const spot = r.next()
  if (r.next() < 0.25) {
    const framing = r.pick(framings)
    return {
      how: `${what} framed: ${framing.how}`,
      mustWork: framing.plain,
      alter: (path, answer) => (at(path) && answer.status < 300 ? framing.of(answer) : answer),
    }
  }
  // Which fields there are is known once there is an answer; the same seed then takes the same.
  const fields = random(Math.floor(spot * 2 ** 31))
  const sample = await sampleOf(what, there)
  const mutation = pickFieldMutation(fields, sample, places(sample))
  const isWhole = mutation.path.length === 0
  const isOptional = ['nulled', 'dropped', 'unknown beside it'].includes(mutation.change) && !isWhole
  return {
    how: `${what}: ${told(mutation)}`,
    mustWork:
      isOptional && typeof mutation.path.at(-1) !== 'number' && !needs.includes(String(mutation.path[0])),
    alter(path, answer) {
      if (!at(path) || answer.status >= 300) return answer
      // Of the same fields, those of this answer.
      const now = { ...(sample as Raw), ...(JSON.parse(answer.body) as Raw) }
      return { ...answer, body: write(mutate(now, mutation) ?? '') }
    },
  }
}

/** What such an answer looks like. */
async function sampleOf(what: string, there: ProtectedServer): Promise<unknown> {
  const read = async (url: string) => (await fetch(url)).json()
  const { origin } = new URL(there.url)
  if (what === 'metadata of the resource') return read(`${origin}/.well-known/oauth-protected-resource/mcp`)
  if (what === 'metadata of the authorization server')
    return read(`${there.issuer}/.well-known/oauth-authorization-server`)
  if (what === 'tokens')
    return { access_token: '', token_type: 'Bearer', expires_in: 3_600, refresh_token: '', scope: 'read' }
  return {
    ...{
      client_id: '',
      client_id_issued_at: 1,
      redirect_uris: [],
      client_name: 'Drawbridge',
      client_uri: 'https://example.com/',
    },
    ...{
      grant_types: [],
      response_types: [],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
  }
}

const challenges = [
  ...[
    null,
    '',
    'Bearer',
    'bearer realm=""',
    'Bearer resource_metadata=null',
    'Bearer resource_metadata=""',
    'Basic realm="x"',
  ],
  ...[
    'Bearer error=null, scope=null',
    'Bearer resource_metadata="/nowhere"',
    'Bearer ,,,',
    'Negotiate, Bearer realm="a, b"',
  ],
]

const framings: { how: string; plain: boolean; of(answer: FixtureAnswer): FixtureAnswer }[] = [
  {
    how: 'a byte order mark',
    plain: true,
    of: (answer) => ({ ...answer, body: `\ufeff${answer.body}` }),
  },
  {
    how: 'over lines',
    plain: true,
    of: (answer) => ({ ...answer, body: answer.body.replaceAll(',"', ',\r\n"') }),
  },
  {
    how: 'charset',
    plain: true,
    of: (answer) => ({
      ...answer,
      headers: { ...answer.headers, 'content-type': 'application/json;charset=UTF-8' },
    }),
  },
  { how: 'HTTP 500', plain: false, of: (answer) => ({ ...answer, status: 500, body: 'boom' }) },
  {
    how: 'HTTP 200 HTML',
    plain: false,
    of: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' }),
  },
  { how: 'nothing', plain: false, of: (answer) => ({ ...answer, body: '' }) },
  { how: 'a list of it', plain: false, of: (answer) => ({ ...answer, body: `[${answer.body}]` }) },
  { how: 'cut off', plain: false, of: (answer) => ({ ...answer, body: answer.body.slice(0, 20) }) },
  {
    how: 'an error',
    plain: false,
    of: (answer) => ({ ...answer, status: 400, body: '{"error":"x","error_description":null}' }),
  },
]

/** What a person does, and what that comes to. `said`: what the owner is told. */
async function signIn(
  world: World,
  there: ProtectedServer,
  id: string,
): Promise<{ state: Server['state']; said: string }> {
  const now = async () => (await world.host.ask('servers.list')).find((one) => one.id === id)!
  try {
    const { signIn } = await world.host.ask('servers.signIn', { id })
    const back = await there.browse(signIn.url!)
    await (await fetch(back)).text()
  } catch (error) {
    return { state: (await now()).state, said: String(error) }
  }
  for (let tries = 0; ; tries += 1) {
    const { state, signIn, error } = await now()
    const isOver = ['running', 'failed'].includes(state) || signIn.problem !== null
    if (isOver || tries === 200)
      return { state, said: signIn.problem?.message ?? (isOver ? (error?.message ?? '') : '') }
    await sleep(50)
  }
}
