import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Prepare } from './subject.ts'

/** Its name among the others. */
export const before = 'before'

/** Another checkout of Drawbridge, with what its own bench gives it. Rejects when there is no build in the folder. */
export async function prepareBefore(checkout: string): Promise<Prepare> {
  if (!existsSync(join(checkout, 'out/main/drawbridge.js')))
    throw new Error(`there is no Drawbridge that was built in ${checkout}`)
  const from = (name: string) => import(pathToFileURL(join(checkout, 'bench/subjects', name)).href)
  const [{ prepareOurs }, { killAll }] = await Promise.all([from('ours.ts'), from('processes.ts')])
  process.on('exit', () => killAll())
  const prepare: Prepare = prepareOurs()
  return async (upstreams, folder) => ({ ...(await prepare(upstreams, folder)), name: before })
}

/** What it is, for the page. */
export const commitOf = (checkout: string): string =>
  execFileSync('git', ['-C', checkout, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
