import type { Response } from 'express'
import type { Route } from './route.ts'

/** What the edge knows of the request under way; in `response.locals`. */
export interface Exchange {
  requestId: string
  /** Set once a route has matched. */
  route?: { label: string; counterLabel: string | undefined }
}

export type EdgeResponse = Response<unknown, { exchange: Exchange }>

export function matchRoute(response: EdgeResponse, route: Route, prefix: string): void {
  const label = `${prefix}${route.path}`
  response.locals.exchange.route = { label, counterLabel: route.metricLabel }
}
