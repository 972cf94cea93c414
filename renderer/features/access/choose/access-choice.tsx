import { say } from '../../../../locales/say.ts'
import type { Access } from '../../../../src/contract/access.ts'
import { Radios } from '../../../ui/radios.tsx'
import { accessChoices } from '../../../words/access.ts'

/** The three access levels, each with what it means. */
export function AccessChoice({ value, onChange }: { value: Access; onChange(next: Access): void }) {
  return (
    <Radios
      legend={say('access.choice.whatMayItDo')}
      value={value}
      options={accessChoices()}
      onChange={onChange}
    />
  )
}
