import type { connectorsApi } from '../contract/connectors.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { Connectors } from './kit/connectors.ts'

export const connectorHandlers = ({
  handlers,
}: Pick<Connectors, 'handlers'>): HandlersOf<typeof connectorsApi> => ({
  'connectors.list': () => handlers.list(),
  'connectors.save': (change) => handlers.save(change),
  'connectors.remove': ({ id }) => handlers.remove(id),
  'connectors.test': ({ id }) => handlers.test(id),
})
