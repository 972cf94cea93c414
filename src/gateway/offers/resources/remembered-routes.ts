import { WorkBudget, within } from '../../../kernel/work-budget.ts'
import type { Principal } from '../../../mcp/principal.ts'

/** Steps that finding out whose one URI is may take. */
const stepsForOne = 400_000
/** Those of one principal; more are found out anew. */
const mostRemembered = 20_000

/** Whose the URIs are that somebody subscribed to, found out once until `forget`. Rights are not remembered, only routes. */
export function rememberRoutes<Route>(find: (uri: string, principal: Principal) => Route) {
  let known = new WeakMap<Principal, Map<string, Route>>()

  return {
    /** `budget`: of the request that all of this is done for. */
    of(uri: string, principal: Principal, budget?: WorkBudget): Route | undefined {
      let routes = known.get(principal)
      if (!routes) {
        routes = new Map()
        known.set(principal, routes)
      }
      if (routes.has(uri)) return routes.get(uri)
      if (budget?.isSpent) return undefined
      const route = within(budget ?? new WorkBudget(stepsForOne), () => find(uri, principal))
      // What was found out with an empty purse is not the truth.
      if (budget?.isSpent) return undefined
      if (routes.size >= mostRemembered) routes.clear()
      routes.set(uri, route)
      return route
    },
    forget(): void {
      known = new WeakMap()
    },
  }
}
