import type { activityApi } from '../contract/activity.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { Activity } from './activity.ts'

export const activityHandlers = (
  activity: Pick<Activity, 'list' | 'search' | 'get' | 'check'>,
): HandlersOf<typeof activityApi> => ({
  'activity.list': ({ search = '', ...page }) =>
    search.trim() === '' ? activity.list(page) : activity.search({ ...page, search }),
  'activity.check': () => activity.check(),
  'activity.get': ({ id }) => activity.get(id),
})
