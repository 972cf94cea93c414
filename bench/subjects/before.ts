import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Prepare } from './subject.ts'

/** Another checkout of Drawbridge, with what its own bench gives it. Throws when there is none in the folder. */
export async function prepareBefore(checkout: string): Promise<Prepare> {
  const from = (name: string) => import(pathToFileURL(join(checkout, 'bench/subjects', name)).href)
  const [{ prepareOurs }, { killAll }] = await Promise.all([from('ours.ts'), from('processes.ts')])
  process.on('exit', () => killAll())
  const prepare: Prepare = prepareOurs()
  return async (upstreams, folder) => ({ ...(await prepare(upstreams, folder)), name: 'before' })
}
