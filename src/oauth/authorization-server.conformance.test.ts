import { afterEach, beforeEach, expect, it } from 'vitest'
import { ownerAllows, registerApp } from './testing/app.ts'
import { openBrowser } from './testing/browser.ts'
import { freePort, runAuthorizationSuite } from './testing/conformance.ts'
import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.close())

it.each(['default', 'home'])(
  'passes the official suite: the issuer of %s',
  async (workspace) => {
    stage.use(workspace)
    const callbackPort = await freePort()
    const app = await registerApp(stage, 'Conformance', `http://127.0.0.1:${callbackPort}/callback`)
    const outcome = await runAuthorizationSuite({
      issuer: stage.issuer,
      resource: stage.resource,
      clientId: app.client.client_id,
      callbackPort,
      async visit(url) {
        stage.server.window.open('other')
        const browser = openBrowser()
        const answer = await browser.follow(url)
        await ownerAllows(stage, { answer, url, verifier: '', state: '' })
        const { location } = await browser.follow(answer.url)
        await fetch(location!)
      },
    })
    expect(outcome.failed, outcome.output).toBe(0)
    expect(outcome.passed, outcome.output).toBe(3)
    expect(outcome.output).not.toMatch(/SKIPPED|WARNING/)
    expect(outcome.code).toBe(0)
  },
  60_000,
)
