import { type FolderStage, until } from './fixture-folders.ts'
import { manyDocuments } from './many-documents.ts'

/** Writes the documents, reads them all, and asks the questions; `found`: in how many of them the right document was among the first five. */
export async function measure(stage: FolderStage, documents: number, questions: number) {
  let every = Math.floor(documents / questions)
  // Languages and kinds take turns, by four and by fourteen: all of them are asked about.
  while (every > 1 && (every % 2 === 0 || every % 7 === 0)) every -= 1
  const asked: { question: string; path: string }[] = []
  let n = 0
  for (const { path, content, question } of manyDocuments(documents)) {
    stage.write(path, content)
    if (n % every === 0 && asked.length < questions) asked.push({ question, path })
    n += 1
  }
  let mostMemory = 0
  const memory = setInterval(() => {
    mostMemory = Math.max(mostMemory, process.memoryUsage.rss())
  }, 100)
  const during: number[] = []
  const timed = async (question: string, into: number[]) => {
    const began = performance.now()
    const paths = await stage.paths(question, { limit: 5 })
    into.push(performance.now() - began)
    return paths
  }
  const began = performance.now()
  await stage.folders.add(stage.docs, [])
  let at = 0
  await until(async () => {
    await timed(asked[at++ % asked.length]!.question, during)
    const [folder] = await stage.folders.list()
    return folder!.state === 'ready' && folder!.waiting === 0 ? true : undefined
  }, 3_600_000)
  const seconds = (performance.now() - began) / 1_000
  const after: number[] = []
  const missed: string[] = []
  for (const { question, path } of asked)
    if (!(await timed(question, after)).includes(path)) missed.push(`${path}: ${question}`)
  clearInterval(memory)
  return {
    found: asked.length - missed.length,
    missed: missed.slice(0, 12),
    secondsToRead: Math.round(seconds),
    searchWhileReading: percentiles(during),
    searchAfterwards: percentiles(after),
    mostMemoryMB: Math.round(mostMemory / 1e6),
  }
}

function percentiles(times: number[]) {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (part: number) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!.toFixed(1))
  return { p50: at(0.5), p95: at(0.95), max: at(1) }
}
