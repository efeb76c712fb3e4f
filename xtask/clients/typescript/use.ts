// What a portal does, in the types that are generated from docs/openapi.json.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Application = components["schemas"]["ApplicationPublic"];
type Quote = components["schemas"]["PaymentPreview"];

const api = createClient<paths>({ baseUrl: "http://localhost:8000" });

export async function signIn(email: string, tenant: string, code: string): Promise<string> {
  await api.POST("/api/v1/auth/login", { body: { email, tenant_id: tenant } });
  const { data, error } = await api.POST("/api/v1/auth/verify", { body: { email, code, tenant_id: tenant } });
  if (!data) throw new Error(reason(error));
  return data.access_token;
}

export async function apply(token: string, popup: string): Promise<Application> {
  const { data, error } = await api.POST("/api/v1/applications/my", {
    headers: { Authorization: `Bearer ${token}`, "Idempotency-Key": popup },
    body: { popup_id: popup, first_name: "Eve", last_name: "Moss", status: "in review" },
  });
  if (!data) throw new Error(reason(error));
  return data;
}

export async function quote(token: string, application: Application, product: string): Promise<Quote | undefined> {
  const attendee = application.attendees?.[0]?.id;
  if (!attendee) return undefined;
  const { data } = await api.POST("/api/v1/payments/my/preview", {
    headers: { Authorization: `Bearer ${token}` },
    body: { application_id: application.id, products: [{ product_id: product, attendee_id: attendee, quantity: 1 }] },
  });
  return data;
}

export async function names(token: string, tenant: string): Promise<string[]> {
  const { data } = await api.GET("/api/v1/popups", {
    params: { query: { skip: 0, limit: 25 }, header: { "X-Tenant-Id": tenant } },
    headers: { Authorization: `Bearer ${token}` },
  });
  const total: number = data?.paging.total ?? 0;
  return total > 0 ? (data?.results ?? []).map((popup) => popup.name) : [];
}

// A refusal is a text, or a list of wrong values.
function reason(error: { detail?: unknown } | undefined): string {
  return JSON.stringify(error?.detail);
}
