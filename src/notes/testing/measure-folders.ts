/**
 * How well and fast documents are found while they are read and afterwards:
 *
 *   node src/notes/testing/measure-folders.ts [documents, else 20000] [questions, else 200]
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { FolderStage } from './fixture-folders.ts'
import { measure } from './measure.ts'

const [documents = 20_000, questions = 200] = process.argv.slice(2).map(Number)
const keep = setInterval(() => {}, 1_000)
const stage = new FolderStage()
try {
  const found = await measure(stage, documents, questions)
  const megabytes = (statSync(join(stage.dataDir, 'folders.db')).size / 1e6).toFixed(0)
  process.stdout.write(
    `${JSON.stringify({ documents, questions, ...found, databaseMB: Number(megabytes) }, null, 2)}\n`,
  )
} finally {
  await stage.stop()
  clearInterval(keep)
}
