import type { Access } from '../../../src/contract/access.ts'
import { Radios } from '../../ui/radios.tsx'
import { ACCESS_ORDER, ACCESS_WORDS } from '../../words/access.ts'

const OPTIONS = ACCESS_ORDER.map((value) => ({ value, ...ACCESS_WORDS[value] }))

/** The three access levels, each with what it means. */
export function AccessChoice({ value, onChange }: { value: Access; onChange(next: Access): void }) {
  return <Radios legend="What may it do?" value={value} options={OPTIONS} onChange={onChange} />
}
