//! go-plugin's `plugin.GRPCController`: how the host asks the process to leave.

use std::convert::Infallible;
use std::task::{Context, Poll};

use tokio_util::sync::CancellationToken;
use tonic::body::BoxBody;
use tonic::codec::ProstCodec;
use tonic::codegen::{Body, BoxFuture, Service, StdError, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Request, Response, Status};

const SHUTDOWN: &str = "/plugin.GRPCController/Shutdown";

/// The service. Written by hand: one method, whose request and answer are empty messages.
#[derive(Debug, Clone)]
pub(super) struct Controller(pub(super) CancellationToken);

impl NamedService for Controller {
    const NAME: &'static str = "plugin.GRPCController";
}

impl UnaryService<()> for Controller {
    type Response = ();
    type Future = BoxFuture<Response<()>, Status>;

    fn call(&mut self, _: Request<()>) -> Self::Future {
        self.0.cancel();
        Box::pin(async { Ok(Response::new(())) })
    }
}

impl<B> Service<http::Request<B>> for Controller
where
    B: Body + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = http::Response<BoxBody>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let method = self.clone();
        Box::pin(async move {
            if request.uri().path() == SHUTDOWN {
                return Ok(Grpc::new(ProstCodec::<(), ()>::default()).unary(method, request).await);
            }
            Ok(Status::unimplemented("no such method").into_http())
        })
    }
}
