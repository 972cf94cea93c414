import type { activityApi } from '../contract/activity.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { Activity } from './activity.ts'
import type { SignInCounts } from './sign-in-counts.ts'

export const activityHandlers = (
  activity: Pick<Activity, 'list' | 'search' | 'details' | 'check' | 'export' | 'usage' | 'diary'>,
  signIns: Pick<SignInCounts, 'of'>,
): HandlersOf<typeof activityApi> => ({
  'activity.list': ({ search = '', filter = {}, ...page }) =>
    search.trim() === '' && Object.keys(filter).length === 0
      ? activity.list(page)
      : activity.search({ ...page, search, filter }),
  'activity.export': (asked) => activity.export(asked),
  'activity.usage': async (period) => ({ ...(await activity.usage(period)), signIns: signIns.of(period) }),
  'activity.diary': (period) => activity.diary(period),
  'activity.check': () => activity.check(),
  'activity.get': ({ id }) => activity.details(id),
})
