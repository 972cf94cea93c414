import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostileArguments } from '../e2e/attacks/hostile-arguments.ts'
import { Approvals } from '../src/approvals/approvals.ts'
import { ConnectionRequest, Grant } from '../src/contract/access.ts'
import { Call } from '../src/contract/activity.ts'
import type { Approval } from '../src/contract/approvals.ts'
import { Server } from '../src/contract/servers.ts'
import type { Status } from '../src/contract/status.ts'
import { sampleOf } from '../src/contract/testing/sample.ts'
import type { Risk } from '../src/contract/tools.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { silentLog } from '../src/kernel/log/log.ts'
import { createRedactor } from '../src/kernel/log/redact.ts'
import { type Database, openDatabase } from '../src/storage/database/database.ts'
import { callNotice } from './notices.ts'
import { nothingKnown } from './shell-state.ts'
import { questionBefore, type TrayAction } from './tray-actions.ts'
import { type TrayItem, trayModel } from './tray-model.ts'

let db: Database
let approvals: Approvals
/** The corpus as it would run, and what the host asks about it. */
const corpus: { name: string; runs: unknown; approval: Approval | null }[] = []
beforeAll(async () => {
  db = openDatabase(join(mkdtempSync(join(tmpdir(), 'drawbridge-native-')), 'd.db'), silentLog).db
  approvals = new Approvals({ db, clock: systemClock, log: silentLog, redactor: createRedactor() })
  for (const { name, json } of hostileArguments(7)) {
    const runs = JSON.parse(JSON.stringify(JSON.parse(json)))
    corpus.push({ name, runs, approval: await asked(name, runs) })
  }
}, 60_000)
afterAll(() => {
  approvals.stop()
  db.close()
})

/** What the host asks about a call with these arguments; null: they cannot be shown whole, and nobody is asked. */
async function asked(name: string, args: unknown, risk: Risk = 'write'): Promise<Approval | null> {
  const answer = approvals.ask({
    ...{ grantId: 'g', clientName: '\u202eGPT', argumentsHash: name, risk, arguments: args },
    ...{ tool: 'shell__run', toolId: 'shell__run', toolTitle: 'A\u200b & <b>B', source: 'Sh\u2066ell' },
    sourceId: 'shell',
  })
  const [approval] = approvals.list()
  if (approval === undefined) {
    expect(await answer).toBe('unshowable')
    return null
  }
  approvals.decide(approval.id, 'deny')
  await answer
  return approval
}

interface Native {
  /** What is read before something is pressed. */
  texts: string[]
  buttons: { label: string; action: TrayAction }[]
}

/** As menus show it: one `&` marks a shortcut, two are one. */
const drawn = (label: string) => label.replaceAll(/&(.)/g, '$1')

function inTray(approval: Approval): Native {
  const { items } = trayModel({ ...nothingKnown, approvals: [approval] }, 0)
  const menu = items.find((item) => item.kind === 'submenu')!
  const kinds = <K extends TrayItem['kind']>(kind: K) =>
    menu.items.filter((item): item is Extract<TrayItem, { kind: K }> => item.kind === kind)
  return {
    texts: [menu.label, ...kinds('text').map(({ label }) => label)].map(drawn),
    buttons: kinds('action').map(({ label, action }) => ({ label: drawn(label), action })),
  }
}

/** With a service that reads markup, and one that does not. */
const inNotification = (platform: NodeJS.Platform, markup: boolean) => (approval: Approval) => {
  const { title, body, buttons } = callNotice(approval, platform)
  const read = markup ? body.replaceAll('&lt;', '<').replaceAll('&amp;', '&') : body
  if (markup) expect(body).not.toMatch(/<|&(?!amp;|lt;)/)
  return {
    texts: [title, ...read.split('\n')],
    buttons: buttons.map(({ text, action }) => ({ label: text, action })),
  }
}

const places: [string, (approval: Approval) => Native][] = [
  ['the tray', inTray],
  ['a notification of macOS', inNotification('darwin', false)],
  ['a notification of Windows', inNotification('win32', false)],
  ['a notification of Linux with markup', inNotification('linux', true)],
  ['a notification of Linux without markup', inNotification('linux', false)],
]

describe.each(places)('five hundred hostile arguments in %s', (_place, shown) => {
  it('are allowed only where the line is exactly what runs', () => {
    const counts = { allow: 0, review: 0, refused: 0 }
    for (const { name, runs, approval } of corpus) {
      if (approval === null) {
        counts.refused++
        continue
      }
      const { texts, buttons } = shown(approval)
      const labels = buttons.map(({ label }) => label)
      expect(labels.at(-1), name).toBe("Don't allow")
      // Marks that keep our own sentence in order are the only ones there.
      const raw = texts.join('').replaceAll(/\u2066([^\u2066\u2069]*)\u2069/g, '$1')
      expect(raw, name).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u)
      if (labels.includes('Allow once')) {
        counts.allow++
        const line = texts.find((text) => text.startsWith('shell__run '))!
        expect(JSON.stringify(JSON.parse(line.slice('shell__run '.length))), name).toBe(JSON.stringify(runs))
        expect(line, name).not.toMatch(/[\u0590-\u08ff]/)
        const { action } = buttons.find(({ label }) => label === 'Allow once')!
        expect(action, name).toEqual({ do: 'approve', id: approval.id, seen: approval.lineSeen })
      } else {
        counts.review++
        const { action } = buttons.find(({ label }) => label === 'Review…')!
        expect(action, name).toEqual({ do: 'review', id: approval.id })
      }
    }
    expect(counts.allow + counts.review + counts.refused).toBe(500)
    expect(counts.allow).toBeGreaterThan(100)
    expect(counts.review).toBeGreaterThan(100)
    expect(counts.refused).toBeGreaterThan(0)
  })

  it('are never allowed where the call can delete', async () => {
    const approval = await asked('deletes', { path: 'a' }, 'destructive')
    expect(shown(approval!).buttons.map(({ label }) => label)).toEqual(['Review…', "Don't allow"])
  })
})

/** Every text of a menu, with what its submenus say. */
const said = (items: readonly TrayItem[]): string[] =>
  items.flatMap((item) => {
    if (item.kind === 'separator') return []
    return item.kind === 'submenu' ? [item.label, ...said(item.items)] : [item.label]
  })

it('the same five hundred as names of connections, calls and servers are one line of visible text each', () => {
  for (const { name, runs } of corpus) {
    const hostile = JSON.stringify(runs).slice(0, 300)
    const state = {
      ...nothingKnown,
      status: { bridge: { state: 'open', publicUrl: null }, notices: [] } as unknown as Status,
      grants: [sampleOf(Grant, { id: 'g', name: hostile, heldBackUntil: 1, pausedUntil: 1 })],
      servers: [sampleOf(Server, { id: 's', name: hostile, state: 'failed' })],
      calls: [sampleOf(Call, { id: 'c', clientName: hostile, tool: hostile })],
      connections: [sampleOf(ConnectionRequest, { id: 'r', clientName: hostile, redirectHost: hostile })],
    }
    const { items, tooltip } = trayModel(state, 0)
    const revoke = { do: 'revoke', id: 'g', name: hostile, means: '' } as const
    const texts = [...said(items), ...tooltip.split('\n'), questionBefore(revoke)!.message]
    for (const text of texts) {
      const raw = text.replaceAll(/\u2066([^\u2066\u2069]*)\u2069/g, '$1')
      expect(raw, name).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u)
      expect([...raw].length, name).toBeLessThan(600)
    }
    for (const label of said(items)) expect(label.replaceAll('&&', ''), name).not.toContain('&')
  }
})
