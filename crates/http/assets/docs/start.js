// Signing in takes a mailed code, which no OAuth2 form can ask for: "Authorize" takes the token itself.
fetch("/openapi.json")
  .then((answer) => answer.json())
  .then((spec) => {
    spec.components.securitySchemes.OAuth2PasswordBearer = {
      type: "http",
      scheme: "bearer",
      description: "The access_token of POST /api/v1/auth/verify",
    };
    SwaggerUIBundle({
      spec,
      dom_id: "#swagger-ui",
      deepLinking: true,
      docExpansion: "none",
      persistAuthorization: true,
      validatorUrl: null,
    });
  });
