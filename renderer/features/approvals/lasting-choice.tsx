import { say } from '../../../locales/say.ts'
import type { Approval, ApprovalChoice } from '../../../src/contract/approvals.ts'
import { Choice } from '../../ui/choice.tsx'
import styles from './dialogs.module.css'

/** What the answer is good for beyond this call: only what the host takes is offered. */
export function LastingChoice({
  approval,
  value,
  onChange,
}: {
  approval: Approval
  value: ApprovalChoice
  onChange(next: ApprovalChoice): void
}) {
  if (approval.choices.length < 2) return null
  return (
    <div className={styles.lasting}>
      <span className={styles['lasting-label']} aria-hidden="true">
        {say('approvals.lasting.label')}
      </span>
      <Choice
        label={say('approvals.lasting.label')}
        value={value}
        options={approval.choices.map((choice) => ({
          value: choice,
          label: say(`approvals.lasting.${choice}.label`),
          text: say(`approvals.lasting.${choice}.text`, { client: approval.clientName }),
        }))}
        onChange={onChange}
      />
    </div>
  )
}

/** What the button that allows it says. */
export const allowWords = (choice: ApprovalChoice): string =>
  choice === 'once' || choice === 'never' ? say('approvals.allowOnce') : say(`approvals.allow.${choice}`)
