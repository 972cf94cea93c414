import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import * as z from 'zod'
import type { Carried } from '../../storage/backup/carried-over.ts'
import type { Plan } from '../../storage/backup/staged-restore.ts'
import { createSettings } from '../../storage/settings.ts'
import { tellRestored } from './restored.ts'

it('who comes back with a backup is named as what is seen, five of them at most', () => {
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT')
  const settings = createSettings(db)
  const back = ['a\u202eb', 'x'.repeat(200), '3', '4', '5', '6', '7']
  const carried: Carried = { ended: [], back, isAdminKeyEnded: false, isRenewed: false, isRaised: false }
  tellRestored({ facts: { madeAt: 0 }, aside: '/aside' } as unknown as Plan, carried, settings)
  const [{ hint }] = settings.get('host.notices', z.array(z.object({ hint: z.string() })))! as [
    { hint: string },
  ]
  expect(hint).toContain('“a⟨U+202E⟩b”')
  expect(hint).not.toContain('x'.repeat(100))
  expect(hint).toContain('“5” and 2 more')
  db.close()
})
