import type { approvalsApi } from '../contract/approvals.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { Approvals } from './approvals.ts'

export const approvalHandlers = (approvals: Approvals): HandlersOf<typeof approvalsApi> => ({
  'approvals.list': () => approvals.list(),
  'approvals.get': ({ id }) => approvals.get(id),
  'approvals.decide': (input) =>
    approvals.decide(input.id, input.decision, input.decision === 'once' ? input.seen : undefined),
})
