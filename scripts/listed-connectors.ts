/**
 * Writes `src/connectors/listed.json`: what a host knows of connectors before their files are read.
 *
 *   node scripts/listed-connectors.ts
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { offeredBy } from '../src/connectors/kit/connector.ts'
import { connectorFiles } from '../src/connectors/list.ts'

/** By slug, and the tools by the slug of their source. */
export async function listedConnectors() {
  const connectors: Record<string, object> = {}
  const tools: Record<string, object> = {}
  for (const load of Object.values(connectorFiles)) {
    const connector = await load()
    const { slug, name, family } = connector
    connectors[slug] = { name, ...(family && { family: family.slug }) }
    tools[family?.slug ?? slug] ??= offeredBy(connector)
  }
  return { connectors, tools }
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const file = join(root, 'src/connectors/listed.json')
  writeFileSync(file, JSON.stringify(await listedConnectors()))
  execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', file])
}
