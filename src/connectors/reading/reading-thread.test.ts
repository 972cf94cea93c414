import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { NotRead, ReadingThread } from './reading-thread.ts'

const paragraphs = (count: number) => '<p>x</p>'.repeat(count)
const threads = () => process.getActiveResourcesInfo().filter((one) => /MessagePort|Worker/.test(one)).length
const outcome = (reading: Promise<unknown>) =>
  reading.then(
    () => 'read',
    (error) => (error instanceof NotRead ? 'not read' : String(error)),
  )

it('ends, although an answer comes meanwhile', async () => {
  for (let round = 0; round < 12; round += 1) {
    const thread = new ReadingThread()
    await thread.read('html', paragraphs(1))
    const reading = outcome(thread.read('html', paragraphs(50 * round)))
    await sleep(0)
    const ended = await Promise.race([thread.end().then(() => 'ended'), sleep(5_000, 'hangs')])
    expect(ended).toBe('ended')
    expect(await reading).toMatch(/^(?:not )?read$/)
  }
}, 60_000)

it('begins no thread after its end for what still waits', async () => {
  const before = threads()
  const thread = new ReadingThread()
  const readings = [20_000, 1].map((count) => outcome(thread.read('html', paragraphs(count))))
  await thread.end()
  expect(await Promise.all(readings)).toEqual(['not read', 'not read'])
  expect(await outcome(thread.read('html', paragraphs(1)))).toBe('not read')
  await expect.poll(threads, { timeout: 5_000 }).toBe(before)
})

it('reads no longer than the call that it reads for', async () => {
  const endless = {
    ...{ from: '2026-11-15', days: 1, zone: 'UTC', skip: [] },
    texts: Array.from({ length: 400 }, () => ({
      calendar: 'c',
      text: 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:m\nDTSTART:20000101T000000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\nEND:VCALENDAR',
    })),
  }
  const cancelled = new AbortController()
  const gone = new ReadingThread({ signal: cancelled.signal, timeLeft: 60_000 }, 60_000)
  await gone.read('html', 'x')
  const reading = outcome(gone.read('calendar', endless))
  await sleep(300)
  const begun = performance.now()
  cancelled.abort()
  expect(await reading).toBe('not read')
  expect(performance.now() - begun).toBeLessThan(1_000)

  const late = new ReadingThread({ timeLeft: 300 })
  await late.read('html', 'x')
  const since = performance.now()
  expect(await outcome(late.read('calendar', endless))).toBe('not read')
  expect(performance.now() - since).toBeLessThan(2_000)
  await Promise.all([gone.end(), late.end()])
})
