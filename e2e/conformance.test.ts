import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, runAuthorizationSuite } from '../src/oauth/testing/conformance.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** The official conformance suite against a whole host, at the root issuer and at that of a workspace. */
let world: InProcess
beforeAll(async () => {
  world = await startInProcess()
  await world.ask('workspaces.create', { name: 'home', title: 'Home', sources: ['npm'] })
})
afterAll(() => world?.stop())

const insecure = { [oauth.allowInsecureRequests]: true } as const

/** As a client finds it: from the resource alone. */
async function discover(resource: string) {
  const { origin, pathname } = new URL(resource)
  const about = await fetch(`${origin}/.well-known/oauth-protected-resource${pathname}`)
  const { authorization_servers } = (await about.json()) as { authorization_servers: string[] }
  const issuer = new URL(authorization_servers[0]!)
  const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  return { issuer: authorization_servers[0]!, as: await oauth.processDiscoveryResponse(issuer, answer) }
}

async function register(as: oauth.AuthorizationServer, callback: string): Promise<string> {
  const metadata = { client_name: 'Conformance', redirect_uris: [callback] }
  const answer = await oauth.dynamicClientRegistrationRequest(as, metadata, insecure)
  return (await oauth.processDynamicClientRegistrationResponse(answer)).client_id
}

describe.each(['default', 'home'])('the authorization suite at the workspace %s', (workspace) => {
  it.each(['registered by itself', 'registered by hand'])(
    'passes with a client %s',
    async (how) => {
      const { localUrl } = (await world.ask('workspaces.list')).find(({ name }) => name === workspace)!
      const { issuer, as } = await discover(localUrl)
      const callbackPort = await freePort()
      const callback = `http://127.0.0.1:${callbackPort}/callback`
      const clientId =
        how === 'registered by itself'
          ? await register(as, callback)
          : (
              await world.ask('clients.register', {
                name: `Suite ${workspace}`,
                redirectUris: [callback],
                workspace,
              })
            ).clientId
      const browse = await world.letIn()
      const outcome = await runAuthorizationSuite({
        ...{ issuer, resource: localUrl, clientId, callbackPort },
        visit: async (url) => void (await fetch(await browse(new URL(url), callback))),
      })
      expect(outcome.failed, outcome.output).toBe(0)
      expect(outcome.passed, outcome.output).toBe(3)
      expect(outcome.code).toBe(0)
    },
    60_000,
  )
})
