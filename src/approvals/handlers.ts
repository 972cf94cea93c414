import type { approvalsApi } from '../contract/approvals.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { rulesApi } from '../contract/rules.ts'
import type { Approvals } from './approvals.ts'
import type { Rules } from './rules.ts'

export const approvalHandlers = (approvals: Approvals): HandlersOf<typeof approvalsApi> => ({
  'approvals.list': () => approvals.list(),
  'approvals.get': ({ id }) => approvals.get(id),
  'approvals.decide': (input) =>
    approvals.decide(
      input.id,
      input.decision,
      'seen' in input ? input.seen : undefined,
      'edited' in input ? input.edited : undefined,
    ),
})

export const ruleHandlers = (rules: Rules): HandlersOf<typeof rulesApi> => ({
  'rules.list': () => rules.list(),
  'rules.change': ({ id, ...change }) => rules.change(id, change),
  'rules.revoke': ({ id }) => rules.revoke(id),
  'rules.revokeAll': ({ grantId }) => ({ revoked: rules.revokeAll(grantId) }),
})
