import { describe, expect, it } from 'vitest'
import { once } from './once.ts'

function sender() {
  const sent: { settle(): void; fail(): void }[] = []
  const send = () =>
    new Promise<number>((done, fail) => {
      const number = sent.length
      sent.push({ settle: () => done(number), fail: () => fail(new Error('no')) })
    })
  return { sent, send }
}

describe('a command', () => {
  it('is sent once for two presses, and again once it was answered or refused', async () => {
    const { sent, send } = sender()
    const by = {}
    const [first, second] = [once(by, undefined, send), once(by, undefined, send)]
    expect(sent).toHaveLength(1)
    sent[0]!.settle()
    expect([await first, await second]).toEqual([0, 0])
    const third = once(by, undefined, send)
    sent[1]!.fail()
    await expect(third).rejects.toThrow('no')
    void once(by, undefined, send)
    expect(sent).toHaveLength(3)
  })

  it('is another one with another input, from elsewhere, and after something else', () => {
    const { sent, send } = sender()
    const [by, other] = [{}, {}]
    for (const on of [true, false, true]) void once(by, { on }, send)
    expect(sent).toHaveLength(3)
    void once(other, { on: true }, send)
    void once(by, { on: true }, send)
    expect(sent).toHaveLength(5)
  })
})
