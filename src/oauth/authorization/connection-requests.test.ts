import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { registerApp, startAuthorization } from '../testing/app.ts'
import { digitsOn } from '../testing/browser.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage({ registrationsPerHour: 20 })
})
afterEach(() => stage.close())

describe('requests to connect that are declined', () => {
  it('end the window with the third, and the owner is asked no more', async () => {
    let asked = 0
    let gaveUp = 0
    stage.server.events.on('connections.asked', () => {
      asked += 1
    })
    stage.server.events.on('window.gave-up', () => {
      gaveUp += 1
    })
    stage.server.window.open('other')
    const app = await registerApp(stage)
    for (let n = 0; n < 50; n += 1) {
      await startAuthorization(stage, app)
      for (const { id } of stage.server.connections.list()) stage.server.connections.deny(id)
    }
    expect([asked, gaveUp]).toEqual([3, 1])
    expect(stage.server.window.state().open).toBe(false)
    stage.server.window.open('other')
    await startAuthorization(stage, app)
    expect(asked, 'a window that is opened again starts anew').toBe(4)
    stage.server.connections.deny(stage.server.connections.list()[0]!.id)
    expect(stage.server.window.state().open).toBe(true)
  })

  it('count wrong digits too', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    for (let n = 0; n < 3; n += 1) {
      const { answer } = await startAuthorization(stage, app)
      const digits = digitsOn(answer.body) === '000' ? '001' : '000'
      const { id } = stage.server.connections.list()[0]!
      for (let tries = 0; tries < 3; tries += 1)
        await stage.server.connections
          .approve(id, { digits, access: 'ask', tools: null })
          .catch(() => undefined)
    }
    expect(stage.server.window.state().open).toBe(false)
  })
})
