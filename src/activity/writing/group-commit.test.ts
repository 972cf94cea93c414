import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { GroupCommit } from './group-commit.ts'

const turn = () => new Promise((done) => setImmediate(done))

let db: DatabaseSync
afterEach(() => db.close())

/** What was written, transaction by transaction. */
function stage() {
  db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE row (name TEXT)')
  const insert = db.prepare('INSERT INTO row VALUES (?)')
  const transactions: string[][] = []
  let open: string[] = []
  const commit = new GroupCommit(db, silentLog, () => {}, {
    move: () => {
      open = []
    },
    moved: () => {
      transactions.push(open)
    },
  })
  const write = (name: string) =>
    commit.run(() => {
      insert.run(name)
      open.push(name)
    })
  return { write, transactions }
}

it('writes with several what comes a turn later', async () => {
  const { write, transactions } = stage()
  const all = [write('a'), write('b')]
  await turn()
  expect(transactions).toEqual([])
  all.push(write('c'))
  await Promise.all(all)
  expect(transactions).toEqual([['a', 'b', 'c']])
})

it('waits for nobody where there is one alone, and no longer than two turns where there are many', async () => {
  const { write, transactions } = stage()
  void write('alone')
  await turn()
  expect(transactions).toEqual([['alone']])
  for (const names of ['ab', 'cd', 'ef', 'gh']) {
    for (const name of names) void write(name)
    await turn()
  }
  expect(transactions.slice(1)).toEqual([
    ['a', 'b', 'c', 'd'],
    ['e', 'f', 'g', 'h'],
  ])
})
