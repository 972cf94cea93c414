import { useQuery } from '@tanstack/react-query'
import { say } from '../../../../locales/say.ts'
import { cpuWords, memoryWords } from '../../../../src/contract/agreed/usage-sums.ts'
import { ask, usePipe } from '../../../pipe/host.tsx'
import { Card, Section } from '../../../ui/page.tsx'
import { Plain } from '../../../ui/plain.tsx'
import { FiguresTable } from './figures-table.tsx'

/** What each server's programs take of this computer now; asked only while this is looked at. */
export function ServerUse() {
  const pipe = usePipe()
  const use = useQuery({
    queryKey: ['server-use'],
    queryFn: () => ask(pipe, 'servers.use', undefined),
    refetchInterval: 5_000,
  })
  if (use.data === undefined || use.data.length === 0) return null
  return (
    <Section title={say('usage.servers.title')} text={say('usage.servers.text')}>
      <Card>
        <FiguresTable
          label={say('usage.servers.title')}
          columns={(['server', 'programs', 'memory', 'cpu'] as const).map((name) =>
            say(`usage.servers.column.${name}`),
          )}
          rows={use.data.map(({ id, name, programs, memory, cpu }) => ({
            key: id,
            name: <Plain text={name} longest={60} />,
            figures: [programs ?? say('usage.servers.unknown'), memoryWords(memory), cpuWords(cpu)],
          }))}
        />
      </Card>
    </Section>
  )
}
